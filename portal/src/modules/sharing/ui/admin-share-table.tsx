'use client'

import type { ShareSort } from '#portal/modules/sharing/rules.ts'
import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Clipped, RowButton } from '#portal/ui/row-cells.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useNow } from '#portal/ui/use-now.ts'
import type { ShareView } from '../answers.ts'
import { accessWords, stateOf } from './share-words.ts'

type TableProps = {
  shares: ShareView[]
  sort: ShareSort
  direction: 'ascending' | 'descending'
  /** the one that is looked into */
  selected: string | null
  onSelect: (share: ShareView) => void
  /** IDs that are ticked */
  ticked: ReadonlySet<string>
  onTick: (share: ShareView) => void
  /** region of this installation: links that are kept elsewhere are marked */
  home: string
  /** leaves room for the panel beside it */
  narrow: boolean
}

/** Every share of the installation as a table. */
export function AdminShareTable(props: TableProps) {
  const { shares, sort, direction, selected, onSelect, ticked, onTick, home, narrow } = props
  const now = useNow()
  const columns: Column<ShareView>[] = [
    {
      name: 'tick',
      head: <span className="sr-only">Choose</span>,
      className: 'w-9 pr-0 max-sm:pl-1',
      cell: (share) => (
        <label className="grid size-6 place-items-center max-sm:size-8">
          <input
            type="checkbox"
            checked={ticked.has(share.id)}
            onChange={() => onTick(share)}
            aria-label={`Choose the link ${share.id}`}
            className="size-4 accent-(--ink)"
          />
        </label>
      ),
    },
    {
      name: 'video',
      head: 'Video',
      className: 'w-[30%] max-w-0 min-w-40 xl:min-w-52',
      cell: (share) => (
        <RowButton
          name={share.videoTitle}
          title={share.videoTitle}
          onOpen={() => onSelect(share)}
          onKeyDown={(event) => {
            // Space chooses, Enter opens.
            if (event.key !== ' ') return
            event.preventDefault()
            onTick(share)
          }}
          onKeyUp={(event) => event.key === ' ' && event.preventDefault()}
          aria-keyshortcuts="Enter Space"
        >
          <span className="mono block truncate text-ink-2">{share.id}</span>
        </RowButton>
      ),
    },
    {
      name: 'owner',
      head: 'Owner',
      from: 'md',
      className: 'max-w-44',
      cell: (share) => (
        <Clipped title={`${share.createdByName ?? 'Deleted account'}, ${share.organisationName}`}>
          {share.organisationName}
        </Clipped>
      ),
    },
    {
      name: 'access',
      head: 'Access',
      from: 'xl',
      className: 'whitespace-nowrap',
      cell: (share) => accessWords[share.access],
    },
    {
      name: 'status',
      head: 'Status',
      className: narrow ? '' : 'lg:whitespace-nowrap',
      cell: (share) => <ShareChip share={share} now={now} />,
    },
    {
      name: 'expires',
      head: 'Expires',
      from: 'sm',
      sort: { value: 'expires', direction: 'ascending' },
      className: 'whitespace-nowrap mono',
      cell: (share) => (share.revokedAt ? '–' : <Instant at={share.expiresAt} />),
    },
    {
      name: 'views',
      head: 'Views',
      from: 'md',
      numeric: true,
      sort: { value: 'views', direction: 'descending' },
      className: 'whitespace-nowrap mono',
      cell: (share) => `${share.viewsUsed} / ${share.maxViews ?? '∞'}`,
    },
    {
      name: 'used',
      head: 'Last use',
      from: 'lg',
      sort: { value: 'used', direction: 'descending' },
      className: 'whitespace-nowrap mono',
      cell: (share) =>
        share.status === 'watching' ? 'now' : share.lastUsedAt ? <Instant at={share.lastUsedAt} /> : 'never',
    },
    {
      name: 'created',
      head: 'Created',
      from: 'xl',
      sort: { value: 'created', direction: 'descending' },
      className: 'whitespace-nowrap mono',
      cell: (share) => <Instant at={share.createdAt} />,
    },
    {
      name: 'region',
      head: 'Region',
      from: 'xl',
      cell: (share) => (share.region === home ? share.region : <Chip tone="warn">{share.region}</Chip>),
    },
  ]
  // Where every link is kept at home, that need not be said of each.
  const said = shares.some(({ region }) => region !== home)
    ? columns
    : columns.filter(({ name }) => name !== 'region')
  const beside = new Set(['tick', 'video', 'owner', 'status', 'expires', 'views'])
  return (
    <DataTable
      label="Shares"
      columns={narrow ? columns.filter(({ name }) => beside.has(name)) : said}
      rows={shares}
      id={(share) => share.id}
      selected={selected}
      sort={{ chosen: sort, fallback: 'created', direction }}
    />
  )
}

export function ShareChip({
  share,
  now,
}: {
  share: Pick<ShareView, 'status' | 'expiresAt' | 'scheduledReason'>
  now: number | null
}) {
  const state = stateOf(share, now)
  return (
    <Chip tone={state.tone} live={state.live} wrap>
      {state.words}
    </Chip>
  )
}
