'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Clipped, RowButton } from '#portal/ui/row-cells.tsx'
import { Instant } from '#portal/ui/time.tsx'

export type PersonItem = {
  id: string
  kind: 'user' | 'invitation'
  name: string | null
  email: string
  role: string
  organisationId: string
  organisationName: string
  createdAt: string
  expiresAt: string | null
  deactivatedAt: string | null
}

export const roleWords: Record<string, string> = { admin: 'Administrator', agency: 'Agency', guest: 'Guest' }

/** Whether somebody gets in: a member may, an invited person not yet, a deactivated one no more. */
export function PersonState({ person }: { person: PersonItem }) {
  if (person.kind === 'invitation') return <Chip tone="warn">Invited</Chip>
  return person.deactivatedAt ? <Chip tone="stop">Deactivated</Chip> : <Chip>Active</Chip>
}

function columnsFor(onSelect: (person: PersonItem) => void): Column<PersonItem>[] {
  return [
    {
      name: 'person',
      head: 'Person',
      className: 'max-w-0 w-[36%] max-sm:w-[64%]',
      cell: (person) => (
        <RowButton
          name={person.name ?? person.email}
          title={person.name ?? person.email}
          onOpen={() => onSelect(person)}
        >
          {person.name && <span className="block truncate text-xs text-ink-2">{person.email}</span>}
          {person.deactivatedAt && <span className="block text-xs text-stop sm:hidden">Deactivated</span>}
        </RowButton>
      ),
    },
    {
      name: 'organisation',
      head: 'Organisation',
      from: 'sm',
      className: 'max-w-0 w-[24%]',
      cell: (person) => <Clipped title={person.organisationName}>{person.organisationName}</Clipped>,
    },
    {
      name: 'role',
      head: 'Role',
      className: 'whitespace-nowrap',
      cell: (person) => roleWords[person.role] ?? person.role,
    },
    { name: 'state', head: 'State', from: 'sm', cell: (person) => <PersonState person={person} /> },
    {
      name: 'since',
      head: 'Since',
      from: 'md',
      className: 'whitespace-nowrap mono',
      cell: (person) => <Instant at={person.createdAt} />,
    },
  ]
}

/** People with an account, or those who are invited; each opens to what can be done about them. */
export function PeopleTable({
  label,
  people,
  selected,
  onSelect,
}: {
  label: string
  people: PersonItem[]
  selected: string | null
  onSelect: (person: PersonItem) => void
}) {
  return (
    <DataTable
      label={label}
      columns={columnsFor(onSelect)}
      rows={people}
      id={(person) => person.id}
      selected={selected}
    />
  )
}
