'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { durationInWords } from '#portal/ui/words.ts'
import type { ViewerLine } from '../answers.ts'
import { percentInWords, whoInWords } from './viewing-words.ts'

const columns: Column<ViewerLine>[] = [
  {
    name: 'who',
    head: 'Who',
    className: 'max-w-0 w-full',
    cell: (line) => (
      <span className="flex min-w-0 items-center gap-2">
        <span className="min-w-0 truncate" title={whoInWords(line.who)}>
          {whoInWords(line.who)}
        </span>
        {line.watching && (
          <Chip tone="proof" live>
            Watching now
          </Chip>
        )}
      </span>
    ),
  },
  {
    name: 'seen',
    head: 'Seen',
    numeric: true,
    className: 'whitespace-nowrap',
    cell: (line) => <span className="mono">{percentInWords(line.fraction)}</span>,
  },
  {
    name: 'played',
    head: 'Played',
    numeric: true,
    from: 'md',
    className: 'whitespace-nowrap',
    cell: (line) => (line.playedSeconds === null ? '–' : durationInWords(line.playedSeconds)),
  },
  {
    name: 'times',
    head: 'Times',
    numeric: true,
    from: 'md',
    cell: (line) => <span className="mono">{line.times}</span>,
  },
  {
    name: 'first',
    head: 'First seen',
    from: 'lg',
    className: 'whitespace-nowrap',
    cell: (line) => <Instant at={line.firstAt} />,
  },
  {
    name: 'last',
    head: 'Last seen',
    from: 'sm',
    className: 'whitespace-nowrap',
    cell: (line) => <Instant at={line.lastAt} />,
  },
]

/** Who watched how much, the last one first. */
export function ViewerTable({ viewers }: { viewers: ViewerLine[] }) {
  return (
    <div className="rounded-card border border-line bg-surface">
      <DataTable
        label="Who watched"
        columns={columns}
        rows={viewers}
        id={(line) => `${whoInWords(line.who)} ${line.firstAt}`}
      />
    </div>
  )
}
