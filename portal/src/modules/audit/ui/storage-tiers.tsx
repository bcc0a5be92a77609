'use client'

import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { bytesInWords, numberInWords } from '#portal/ui/words.ts'
import type { TierReport } from '../answers.ts'
import { StorageBar } from './storage-bar.tsx'
import { type StoragePart, storageParts } from './storage-parts.ts'

const orDash = (value: number | null, inWords: (value: number) => string) =>
  value === null ? <span className="text-ink-3">—</span> : inWords(value)

const COLUMNS: Column<StoragePart>[] = [
  {
    name: 'part',
    head: 'Where',
    cell: ({ label, about }) => (
      <>
        <span className="block font-medium">{label}</span>
        <span className="block text-xs text-ink-2">{about}</span>
      </>
    ),
  },
  {
    name: 'events',
    head: 'Events',
    numeric: true,
    className: 'mono whitespace-nowrap',
    cell: ({ entries }) => orDash(entries, numberInWords),
  },
  {
    name: 'sealed',
    head: 'Text removed',
    from: 'sm',
    numeric: true,
    className: 'mono whitespace-nowrap',
    cell: ({ sealed }) => orDash(sealed, numberInWords),
  },
  {
    name: 'size',
    head: 'Size',
    numeric: true,
    className: 'mono whitespace-nowrap',
    cell: ({ bytes }) => orDash(bytes, bytesInWords),
  },
  {
    name: 'oldest',
    head: 'Oldest event',
    from: 'md',
    numeric: true,
    className: 'mono whitespace-nowrap',
    cell: ({ oldest }) => (oldest ? <Instant at={oldest} /> : <span className="text-ink-3">—</span>),
  },
]

/** Where the log's events lie by their age, and what each place takes up. */
export function StorageTiers({ report }: { report: TierReport }) {
  const parts = storageParts(report)
  const events = report.tiers.reduce((sum, { entries, sealed }) => sum + entries + sealed, 0)
  const measured = report.days.at(-1)
  return (
    <section aria-labelledby="tiers" className="grid grid-cols-1 gap-4">
      <div className="grid grid-cols-1 gap-1">
        <h2 id="tiers">Where the events lie</h2>
        <p className="max-w-[72ch] text-ink-2">
          {numberInWords(events)} {events === 1 ? 'entry' : 'entries'}
          {measured && `, ${bytesInWords(measured.totalBytes)} in all`}. Events grow colder by their age; at
          the end their text is removed, and its hash still proves that nothing else was.{' '}
          <LastRestore last={report.lastRestore} />
        </p>
      </div>
      {measured ? (
        <StorageBar parts={parts} />
      ) : (
        <p className="text-sm text-ink-2">
          Sizes are measured each night; the first measure is still to come.
        </p>
      )}
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        <DataTable label="Storage of the log" columns={COLUMNS} rows={parts} id={({ name }) => name} />
      </div>
    </section>
  )
}

function LastRestore({ last }: { last: TierReport['lastRestore'] }) {
  if (!last) return 'A range of the archive is restored each night as a drill; none was yet.'
  return last.isProven ? (
    <>
      The last restore from the archive, range {last.range}, was proven against the signed head:{' '}
      <Instant at={last.at} />.
    </>
  ) : (
    <strong className="font-medium text-stop">
      The last restore from the archive, range {last.range}, failed: <Instant at={last.at} />.
    </strong>
  )
}
