'use client'

import { useState } from 'react'
import { EndEverySession } from '#portal/modules/identity/ui/end-every-session.tsx'
import { InvitationDrawer } from '#portal/modules/identity/ui/invitation-drawer.tsx'
import { InviteDialog } from '#portal/modules/identity/ui/invite-dialog.tsx'
import {
  type OrganisationItem,
  OrganisationSection,
} from '#portal/modules/identity/ui/organisation-section.tsx'
import { PeopleTable, type PersonItem } from '#portal/modules/identity/ui/people-table.tsx'
import { PersonDrawer, type Powers } from '#portal/modules/identity/ui/person-drawer.tsx'
import { Button } from '#portal/ui/button.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted } from '#portal/ui/words.ts'

/** Who may sign in, who is asked to, and where they belong. */
export function PeopleBoard({
  people,
  invited,
  organisations,
  powers,
  next,
}: {
  people: PersonItem[]
  invited: PersonItem[]
  organisations: OrganisationItem[]
  powers: Powers
  next: string | null
}) {
  const [inviting, setInviting] = useState(false)
  const [open, setOpen] = useState<PersonItem | null>(null)
  const refresh = useRefresh(20_000)
  const close = () => setOpen(null)
  const table = { selected: open?.id ?? null, onSelect: setOpen }
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead
        title="People"
        actions={
          powers.changes && (
            <Button look="solid" onClick={() => setInviting(true)}>
              Invite a person
            </Button>
          )
        }
      >
        Accounts come by invitation alone. Choose a person to see what can be done.
      </PageHead>
      {invited.length > 0 && (
        <section aria-labelledby="invited" className="grid grid-cols-1 gap-2">
          <h2 id="invited">{counted(invited.length, 'open invitation')}</h2>
          <div className="overflow-hidden rounded-card border border-line bg-surface">
            <PeopleTable label="Open invitations" people={invited} {...table} />
          </div>
        </section>
      )}
      <section aria-labelledby="accounts" className="grid grid-cols-1 gap-2">
        <h2 id="accounts">Accounts</h2>
        <div className="overflow-hidden rounded-card border border-line bg-surface">
          <PeopleTable label="People" people={people} {...table} />
        </div>
      </section>
      <PageLinks next={next} />
      <OrganisationSection organisations={organisations} mayAdd={powers.changes} onDone={refresh} />
      {powers.resets && <EndEverySession />}
      <InviteDialog open={inviting} onClose={() => setInviting(false)} onInvited={refresh} />
      <PersonDrawer
        person={open?.kind === 'user' ? open : null}
        organisations={organisations}
        powers={powers}
        onClose={close}
        onDone={refresh}
      />
      <InvitationDrawer
        invitation={open?.kind === 'invitation' ? open : null}
        changes={powers.changes}
        onClose={close}
        onDone={refresh}
      />
    </div>
  )
}
