'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Clipped, RowButton } from '#portal/ui/row-cells.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { eventInWords, outcomeTone, plainReason } from './event-words.ts'

/** One event as the list shows it; the shape of `audit.search`, without what is encrypted. */
export type AuditItem = {
  id: string
  time: string
  action: string
  actorKind: string
  actor: string
  role: string | null
  targetType: string
  target: string
  outcome: string
  reason: string | null
  region: string
  requestId: string
  classification: string
  details: Record<string, unknown>
  personal: boolean
  index: number | null
  proved: boolean
}

const columns = (onSelect: (item: AuditItem) => void): Column<AuditItem>[] => [
  {
    name: 'event',
    head: 'Event',
    className: 'max-w-0 w-[30%] min-w-44',
    cell: (item) => (
      <RowButton name={eventInWords(item)} onOpen={() => onSelect(item)}>
        <span className="mono block truncate text-ink-2">{item.action}</span>
      </RowButton>
    ),
  },
  {
    name: 'time',
    head: 'Time',
    className: 'whitespace-nowrap mono',
    cell: (item) => <Instant at={item.time} />,
  },
  {
    name: 'actor',
    head: 'Actor',
    from: 'md',
    className: 'max-w-0 w-[20%]',
    cell: (item) => (
      <Clipped title={item.actor}>
        {item.actorKind} <span className="mono text-ink-2">{item.actor}</span>
      </Clipped>
    ),
  },
  {
    name: 'target',
    head: 'Target',
    from: 'lg',
    className: 'max-w-0 w-[20%]',
    cell: (item) => (
      <Clipped title={item.target}>
        <span className="mono">{item.target}</span>
      </Clipped>
    ),
  },
  {
    name: 'outcome',
    head: 'Outcome',
    from: 'sm',
    cell: (item) => (
      <Chip tone={outcomeTone(item.outcome)}>
        {item.outcome === 'allowed'
          ? 'allowed'
          : `${item.outcome}${item.reason ? `: ${plainReason(item.reason)}` : ''}`}
      </Chip>
    ),
  },
  {
    name: 'proof',
    head: 'Proof',
    from: 'sm',
    cell: (item) => (
      <Chip tone={item.proved ? 'proof' : 'neutral'}>{item.proved ? 'proved' : 'recorded'}</Chip>
    ),
  },
]

/** Events of the log, newest first. */
export function AuditTable({
  items,
  selected,
  onSelect,
}: {
  items: AuditItem[]
  selected: string | null
  onSelect: (item: AuditItem) => void
}) {
  return (
    <DataTable
      label="Events"
      columns={columns(onSelect)}
      rows={items}
      id={(item) => item.id}
      selected={selected}
    />
  )
}
