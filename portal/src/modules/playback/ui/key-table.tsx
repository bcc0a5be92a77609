'use client'

import { Button } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Instant } from '#portal/ui/time.tsx'

/** A signing key as it may be shown. */
export type KeyItem = {
  id: string
  state: 'signing' | 'ending' | 'overdue' | 'deleted'
  createdAt: string
  retiredAt: string | null
  reason: 'scheduled' | 'requested' | 'compromised' | null
  endsAt: string | null
  deletedAt: string | null
  review: 'none' | 'open' | 'done'
}

const states: Record<KeyItem['state'], { word: string; tone: ChipTone }> = {
  signing: { word: 'Signs', tone: 'proof' },
  ending: { word: 'Ending', tone: 'neutral' },
  overdue: { word: 'Not deleted', tone: 'stop' },
  deleted: { word: 'Deleted', tone: 'neutral' },
}

const reasons = { scheduled: 'On schedule', requested: 'By hand', compromised: 'Compromised' }

/** Every signing key, newest first; `onReview` is asked for where a rotation waits for a second person. */
export function KeyTable({
  keys,
  onReview,
  busy,
}: {
  keys: KeyItem[]
  onReview: (id: string) => void
  busy: string | null
}) {
  const columns: Column<KeyItem>[] = [
    {
      name: 'id',
      head: 'Key',
      className: 'mono',
      cell: (key) => <span title={key.id}>{shortId(key.id)}</span>,
    },
    {
      name: 'state',
      head: 'State',
      cell: ({ state }) => (
        <Chip tone={states[state].tone} live={state === 'signing'}>
          {states[state].word}
        </Chip>
      ),
    },
    { name: 'made', head: 'Made', from: 'sm', cell: (key) => <Instant at={key.createdAt} /> },
    {
      name: 'retired',
      head: 'Replaced',
      from: 'md',
      cell: (key) => key.retiredAt && <Instant at={key.retiredAt} />,
    },
    { name: 'why', head: 'Why', from: 'md', cell: ({ reason }) => reason && reasons[reason] },
    {
      name: 'end',
      head: 'Opens nothing since',
      from: 'lg',
      cell: (key) =>
        key.deletedAt ? <Instant at={key.deletedAt} /> : key.endsAt && <Ends at={key.endsAt} />,
    },
    {
      name: 'review',
      head: 'Review',
      cell: ({ id, review }) =>
        review === 'open' ? (
          <Button
            small
            busy={busy === id}
            onClick={() => onReview(id)}
            aria-label={`Reviewed: key ${shortId(id)}`}
          >
            I have reviewed it
          </Button>
        ) : (
          review === 'done' && 'Reviewed'
        ),
    },
  ]
  return <DataTable label="Signing keys" columns={columns} rows={keys} id={(key) => key.id} />
}

function Ends({ at }: { at: string }) {
  return (
    <span className="text-ink-2">
      from <Instant at={at} />
    </span>
  )
}

/** Key IDs are long and told apart by their first characters. */
export const shortId = (id: string) => (id.length > 12 ? `${id.slice(0, 10)}…` : id)
