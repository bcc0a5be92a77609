'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Instant } from '#portal/ui/time.tsx'

export type PersonItem = {
  id: string
  kind: 'user' | 'invitation'
  name: string | null
  email: string
  role: string
  organisationName: string
  createdAt: string
  expiresAt: string | null
}

const roleWords: Record<string, string> = { admin: 'Administrator', agency: 'Agency', guest: 'Guest' }

const columns: Column<PersonItem>[] = [
  {
    name: 'person',
    head: 'Person',
    className: 'max-w-0 w-[36%]',
    cell: (person) => (
      <span className="block leading-[18px]">
        <span className="block truncate font-medium" title={person.name ?? person.email}>
          {person.name ?? person.email}
        </span>
        {person.name && <span className="block truncate text-xs text-ink-2">{person.email}</span>}
      </span>
    ),
  },
  {
    name: 'organisation',
    head: 'Organisation',
    from: 'sm',
    className: 'max-w-0 w-[24%]',
    cell: (person) => (
      <span className="block truncate" title={person.organisationName}>
        {person.organisationName}
      </span>
    ),
  },
  {
    name: 'role',
    head: 'Role',
    className: 'whitespace-nowrap',
    cell: (person) => roleWords[person.role] ?? person.role,
  },
  {
    name: 'state',
    head: 'State',
    from: 'sm',
    cell: (person) => (person.kind === 'invitation' ? <Chip tone="warn">Invited</Chip> : <Chip>Active</Chip>),
  },
  {
    name: 'since',
    head: 'Since',
    from: 'md',
    className: 'whitespace-nowrap mono',
    cell: (person) => <Instant at={person.createdAt} />,
  },
]

/** People with an account and those who are invited. */
export function PeopleTable({ people }: { people: PersonItem[] }) {
  return <DataTable label="People" columns={columns} rows={people} id={(person) => person.id} />
}
