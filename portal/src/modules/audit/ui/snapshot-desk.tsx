'use client'

import { Download } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { bytesInWords, counted, numberInWords } from '#portal/ui/words.ts'
import type { Snapshot } from '../answers.ts'
import { SealSnapshotDialog } from './seal-snapshot-dialog.tsx'

const STATES: Record<Snapshot['status'], [string, ChipTone]> = {
  waiting: ['Waits', 'neutral'],
  working: ['Being sealed', 'neutral'],
  ready: ['Sealed', 'proof'],
  failed: ['Failed', 'stop'],
  removed: ['Removed after its time', 'neutral'],
}

/** Parts of the log that were sealed for an incident. */
export function SnapshotDesk({ snapshots, mayTake }: { snapshots: Snapshot[]; mayTake: boolean }) {
  const [asking, setAsking] = useState(false)
  const runs = snapshots.some(({ status }) => status === 'waiting' || status === 'working')
  const refresh = useRefresh(runs ? 3_000 : 30_000)
  const ask = (
    <Button look="solid" onClick={() => setAsking(true)}>
      Seal a snapshot…
    </Button>
  )
  return (
    <section aria-labelledby="snapshots" className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid max-w-[72ch] grid-cols-1 gap-1">
          <h2 id="snapshots">Forensic snapshots</h2>
          <p className="text-ink-2">
            A snapshot holds every event of its time with its proof, the state of the links, videos, visits,
            sessions and webhooks that they name, and a signed list of it all. Who somebody is stays
            encrypted, and no link opens with it.
          </p>
          <p className="text-sm text-ink-2">
            It is verified offline, by the log’s public key alone:{' '}
            <code className="mono break-words text-ink">
              npm run portal -- audit snapshot verify FILE --vkey KEY
            </code>
          </p>
        </div>
        {snapshots.length > 0 && ask}
      </div>
      {!mayTake && snapshots.some(({ status }) => status === 'ready') && (
        <p className="text-sm">
          Taking a snapshot away is reading the log, which takes a grant:{' '}
          <Link href="/admin/audit/access" className="underline">
            ask to read the log
          </Link>
          .
        </p>
      )}
      {snapshots.length === 0 ? (
        <EmptyState title="Nothing was sealed yet" action={ask}>
          When something has happened, seal the time around it first.
        </EmptyState>
      ) : (
        <ul aria-label="Snapshots" className="overflow-hidden rounded-card border border-line bg-surface">
          {snapshots.map((snapshot) => (
            <SnapshotRow key={snapshot.id} snapshot={snapshot} mayTake={mayTake} />
          ))}
        </ul>
      )}
      <SealSnapshotDialog open={asking} onClose={() => setAsking(false)} onDone={refresh} />
    </section>
  )
}

function SnapshotRow({ snapshot, mayTake }: { snapshot: Snapshot; mayTake: boolean }) {
  const { id, incident, reason, from, to, status, sha256 } = snapshot
  const [word, tone] = STATES[status]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium break-words">
          {incident}
          <span className="font-normal text-ink-2">
            {' '}
            · <Instant at={from} /> to <Instant at={to} />
          </span>
        </p>
        <p className="text-xs break-words text-ink-2">
          {amountOf(snapshot)} · {reason}
        </p>
        {sha256 && <p className="mono text-xs break-all text-ink-2">sha256 {sha256}</p>}
        <Progress {...snapshot} />
        <Trouble {...snapshot} />
      </div>
      <Chip tone={tone} live={status === 'working'}>
        {word}
      </Chip>
      {status === 'ready' && mayTake && (
        <a href={`/api/admin/audit/snapshots/${id}/file`} download className={buttonClass('plain', true)}>
          <Download size={15} aria-hidden />
          Take away<span className="sr-only">: {incident}</span>
        </a>
      )}
    </li>
  )
}

/** How much it holds, or how far it is. */
function amountOf(snapshot: Snapshot): string {
  const { status, entriesDone, entriesTotal, firstIndex, lastIndex, bytes } = snapshot
  if (status === 'ready') {
    const range = firstIndex === null || lastIndex === null ? '' : `, ${placeOf(firstIndex, lastIndex)}`
    return `${counted(entriesDone, 'event')}${range}${bytes === null ? '' : `, ${bytesInWords(bytes)}`}`
  }
  if (status === 'failed') return 'nothing was sealed'
  if (status === 'removed') return `${counted(entriesDone, 'event')}, kept for two years`
  return entriesTotal
    ? `${numberInWords(entriesDone)} of ${counted(entriesTotal, 'event')}`
    : 'begins within seconds'
}

function Progress({ status, incident, entriesDone, entriesTotal }: Snapshot) {
  if (status !== 'working' || !entriesTotal) return null
  return (
    <div className="max-w-72 pt-1.5">
      <ProgressBar percent={(entriesDone / entriesTotal) * 100} label={`Sealing ${incident}`} />
    </div>
  )
}

const placeOf = (first: number, last: number) =>
  first === last
    ? `entry ${numberInWords(first)}`
    : `entries ${numberInWords(first)} to ${numberInWords(last)}`

function Trouble({ status, failure }: Snapshot) {
  if (!failure || status === 'ready') return null
  return (
    <p className="text-xs break-words text-stop">
      {failure} {status === 'waiting' && 'It is tried again.'}
    </p>
  )
}
