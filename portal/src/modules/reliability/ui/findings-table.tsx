'use client'

import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Instant } from '#portal/ui/time.tsx'
import type { FindingView } from '../answers.ts'
import { STATE_WORDS, wordsOf } from './finding-words.ts'

const TONES: Record<FindingView['state'], ChipTone> = {
  waiting: 'warn',
  open: 'warn',
  held: 'stop',
  done: 'proof',
  failed: 'stop',
  cleared: 'neutral',
  reported: 'neutral',
}

const COLUMNS: Column<FindingView>[] = [
  {
    name: 'kind',
    head: 'Difference',
    cell: (one) => (
      <span className="grid">
        <span>{wordsOf(one.kind).label}</span>
        <span className="text-xs text-ink-2">{one.error ?? wordsOf(one.kind).done}</span>
      </span>
    ),
  },
  {
    name: 'state',
    head: 'State',
    cell: ({ state }) => <Chip tone={TONES[state]}>{STATE_WORDS[state]}</Chip>,
  },
  {
    name: 'object',
    head: 'Object',
    from: 'lg',
    cell: ({ objectId }) => (
      <span className="mono block max-w-56 truncate text-xs text-ink-2" title={objectId}>
        {objectId}
      </span>
    ),
  },
  { name: 'shares', head: 'Live links', from: 'xl', numeric: true, cell: ({ shares }) => shares || '—' },
  { name: 'first', head: 'First seen', from: 'md', cell: (one) => <Instant at={one.firstSeenAt} /> },
  {
    name: 'acted',
    head: 'Acted',
    from: 'xl',
    cell: ({ actedAt }) => (actedAt ? <Instant at={actedAt} /> : '—'),
  },
]

/** Each difference to the video service, with what was done about it. */
export function FindingsTable({ findings }: { findings: FindingView[] }) {
  return (
    <div className="overflow-hidden rounded-card border border-line bg-surface">
      <DataTable
        label="Differences to the video service"
        columns={COLUMNS}
        rows={findings}
        id={({ id }) => id}
      />
    </div>
  )
}
