'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Clipped, RowButton } from '#portal/ui/row-cells.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { numberInWords } from '#portal/ui/words.ts'
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
  missing?: undefined
}

/** An event whose text is not at hand, as its search columns tell it; damaged ones may have none. */
export type MissingItem = {
  id: string
  missing: 'archived' | 'damaged'
  time: string
  action: string | null
  outcome: string | null
  actor: string | null
  targetType: string | null
  target: string | null
  index: number | null
  proved: boolean
}

export type AuditRow = AuditItem | MissingItem

/** What the archive holds the text of; a receipt still has it. */
export type ArchivedItem = MissingItem & { missing: 'archived'; action: string; outcome: string }
export type OpenItem = AuditItem | ArchivedItem

const isOpen = (row: AuditRow): row is OpenItem =>
  !row.missing || (row.missing === 'archived' && row.action !== null && row.outcome !== null)

/** In words; the reason of what is archived stands in its text alone. */
export const titleOf = ({ action, outcome, ...item }: OpenItem) =>
  eventInWords({ action, outcome, reason: item.missing ? null : item.reason })

function Damaged({ index }: { index: number | null }) {
  return (
    <>
      <span className="block truncate font-medium text-stop">Damaged</span>
      {index !== null && <span className="mono block text-ink-2">entry {numberInWords(index)}</span>}
    </>
  )
}

function Outcome({ row: { outcome, ...row } }: { row: AuditRow }) {
  if (outcome === null) return null
  const reason = row.missing ? null : row.reason
  return (
    <Chip tone={outcomeTone(outcome)}>
      {outcome}
      {outcome !== 'allowed' && reason && `: ${plainReason(reason)}`}
    </Chip>
  )
}

const columns = (onSelect: (item: OpenItem) => void): Column<AuditRow>[] => [
  {
    name: 'event',
    head: 'Event',
    className: 'max-w-0 w-[30%] min-w-44',
    cell: (row) =>
      isOpen(row) ? (
        <RowButton name={titleOf(row)} onOpen={() => onSelect(row)}>
          <span className="mono block truncate text-ink-2">
            {row.action}
            {row.missing && ' · in the archive'}
          </span>
        </RowButton>
      ) : (
        <Damaged index={row.index} />
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
    cell: (row) =>
      row.actor && (
        <Clipped title={row.actor}>
          {!row.missing && row.actorKind} <span className="mono text-ink-2">{row.actor}</span>
        </Clipped>
      ),
  },
  {
    name: 'target',
    head: 'Target',
    from: 'lg',
    className: 'max-w-0 w-[20%]',
    cell: (row) =>
      row.target && (
        <Clipped title={row.target}>
          <span className="mono">{row.target}</span>
        </Clipped>
      ),
  },
  {
    name: 'outcome',
    head: 'Outcome',
    from: 'sm',
    cell: (row) => <Outcome row={row} />,
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
  items: AuditRow[]
  selected: string | null
  onSelect: (item: OpenItem) => void
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
