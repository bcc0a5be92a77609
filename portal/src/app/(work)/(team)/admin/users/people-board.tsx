'use client'

import { useState } from 'react'
import { InviteDialog } from '#portal/modules/identity/ui/invite-dialog.tsx'
import { PeopleTable, type PersonItem } from '#portal/modules/identity/ui/people-table.tsx'
import { Button } from '#portal/ui/button.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted } from '#portal/ui/words.ts'

/** Who may sign in, and who is asked to. */
export function PeopleBoard({
  people,
  invited,
  next,
}: {
  people: PersonItem[]
  invited: PersonItem[]
  next: string | null
}) {
  const [inviting, setInviting] = useState(false)
  const refresh = useRefresh(20_000)
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead
        title="People"
        actions={
          <Button look="solid" onClick={() => setInviting(true)}>
            Invite a person
          </Button>
        }
      >
        Accounts come by invitation alone.
      </PageHead>
      {invited.length > 0 && (
        <section aria-labelledby="invited" className="grid grid-cols-1 gap-2">
          <h2 id="invited">{counted(invited.length, 'open invitation')}</h2>
          <div className="overflow-hidden rounded-card border border-line bg-surface">
            <PeopleTable people={invited} />
          </div>
        </section>
      )}
      <section aria-labelledby="accounts" className="grid grid-cols-1 gap-2">
        <h2 id="accounts">Accounts</h2>
        <div className="overflow-hidden rounded-card border border-line bg-surface">
          <PeopleTable people={people} />
        </div>
      </section>
      <PageLinks next={next} />
      <InviteDialog open={inviting} onClose={() => setInviting(false)} onInvited={refresh} />
    </div>
  )
}
