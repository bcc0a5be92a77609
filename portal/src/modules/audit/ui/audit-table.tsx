'use client'

import type { ReactNode } from 'react'
import { Chip } from '#portal/ui/chip.tsx'
import { classes } from '#portal/ui/classes.ts'
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

/** One event, or one whose text is not at hand. */
export type AuditRow =
  | AuditItem
  | {
      id: string
      missing: 'archived' | 'damaged'
      time: string
      index: number | null
      proved: boolean
    }

const MISSING = { archived: 'In the archive', damaged: 'Damaged' }

/** What only an event whose text is at hand can say. */
const told = (cell: (item: AuditItem) => ReactNode) => (row: AuditRow) => (row.missing ? null : cell(row))

function Missing({ what, index }: { what: 'archived' | 'damaged'; index: number | null }) {
  return (
    <>
      <span
        className={classes('block truncate font-medium', what === 'damaged' ? 'text-stop' : 'text-ink-2')}
      >
        {MISSING[what]}
      </span>
      {index !== null && <span className="mono block text-ink-2">entry {numberInWords(index)}</span>}
    </>
  )
}

const columns = (onSelect: (item: AuditItem) => void): Column<AuditRow>[] => [
  {
    name: 'event',
    head: 'Event',
    className: 'max-w-0 w-[30%] min-w-44',
    cell: (row) =>
      row.missing ? (
        <Missing what={row.missing} index={row.index} />
      ) : (
        <RowButton name={eventInWords(row)} onOpen={() => onSelect(row)}>
          <span className="mono block truncate text-ink-2">{row.action}</span>
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
    cell: told((item) => (
      <Clipped title={item.actor}>
        {item.actorKind} <span className="mono text-ink-2">{item.actor}</span>
      </Clipped>
    )),
  },
  {
    name: 'target',
    head: 'Target',
    from: 'lg',
    className: 'max-w-0 w-[20%]',
    cell: told((item) => (
      <Clipped title={item.target}>
        <span className="mono">{item.target}</span>
      </Clipped>
    )),
  },
  {
    name: 'outcome',
    head: 'Outcome',
    from: 'sm',
    cell: told((item) => (
      <Chip tone={outcomeTone(item.outcome)}>
        {item.outcome === 'allowed'
          ? 'allowed'
          : `${item.outcome}${item.reason ? `: ${plainReason(item.reason)}` : ''}`}
      </Chip>
    )),
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
