'use client'

import { UserPlus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Cell, Table } from '#portal/ui/table.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { InviteDialog } from './invite-dialog.tsx'

type Person = {
  id: string
  name: string | null
  email: string
  role: string
  organisationName: string
  createdAt: string
  expiresAt: string | null
}

const ROLE_WORDS: Record<string, string> = { admin: 'Administrator', agency: 'Agency', guest: 'Guest' }

/** Everybody with an account, and those who are invited. */
export function PeopleBoard({ people, invitations }: { people: Person[]; invitations: Person[] }) {
  const router = useRouter()
  const [inviting, setInviting] = useState(false)
  return (
    <>
      <PageHead
        title="People"
        actions={
          <Button look="solid" onClick={() => setInviting(true)}>
            <UserPlus size={16} aria-hidden />
            Invite…
          </Button>
        }
      >
        Who has an account, and who has been invited.
      </PageHead>
      {invitations.length > 0 && (
        <section aria-labelledby="invited" className="grid gap-2">
          <h2 id="invited">Invited</h2>
          <Table label="Open invitations" heads={['E-mail', 'Organisation', 'Role', 'Invited', 'Ends']}>
            {invitations.map((person) => (
              <tr key={person.id}>
                <Cell className="max-w-72 truncate">{person.email}</Cell>
                <Cell className="max-w-60 truncate">{person.organisationName}</Cell>
                <Cell>
                  <Chip>{ROLE_WORDS[person.role] ?? person.role}</Chip>
                </Cell>
                <Cell className="text-ink-2">
                  <Instant at={person.createdAt} />
                </Cell>
                <Cell className="text-ink-2">{person.expiresAt && <Instant at={person.expiresAt} />}</Cell>
              </tr>
            ))}
          </Table>
        </section>
      )}
      <section aria-labelledby="accounts" className="grid gap-2">
        <h2 id="accounts">Accounts</h2>
        <Table label="Accounts" heads={['Name', 'E-mail', 'Organisation', 'Role', 'Since']}>
          {people.map((person) => (
            <tr key={person.id}>
              <Cell className="max-w-60 truncate font-medium">{person.name}</Cell>
              <Cell className="max-w-72 truncate">{person.email}</Cell>
              <Cell className="max-w-60 truncate">{person.organisationName}</Cell>
              <Cell>
                <Chip>{ROLE_WORDS[person.role] ?? person.role}</Chip>
              </Cell>
              <Cell className="text-ink-2">
                <Instant at={person.createdAt} />
              </Cell>
            </tr>
          ))}
        </Table>
      </section>
      <InviteDialog open={inviting} onClose={() => setInviting(false)} onInvited={() => router.refresh()} />
    </>
  )
}
