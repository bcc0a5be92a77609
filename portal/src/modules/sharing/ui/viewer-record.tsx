'use client'

import { useCallback, useEffect, useState } from 'react'
import { OwnHistory } from '#portal/modules/audit/ui/history.tsx'
import { ApiError, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { clock, counted } from '#portal/ui/words.ts'
import type { ViewerRecord, ViewerVisit } from '../answers.ts'
import { copyRecord, objectToRecord, readRecord, recordPath } from './record-api.ts'

/** What was recorded about whoever looks, on this link: to read, to take along, to object to. */
export default function ViewerRecordDrawer({ token, onClose }: { token: string; onClose: () => void }) {
  const [record, setRecord] = useState<ViewerRecord | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)

  const run = useCallback(async (act: () => Promise<void>) => {
    setBusy(true)
    setError(null)
    try {
      await act()
    } catch (thrown) {
      setError(
        thrown instanceof ApiError && thrown.status === 403
          ? 'Nothing is kept of this browser on this link, or it was 30 days ago.'
          : sentenceFor(thrown),
      )
    } finally {
      setBusy(false)
    }
  }, [])
  useEffect(() => void run(async () => setRecord(await readRecord(token))), [run, token])

  return (
    <Dialog open onClose={onClose} shape="drawer" title="What is recorded about you">
      <FormError>{error}</FormError>
      {!record && !error && (
        <div role="status" aria-label="Loading what is recorded" className="grid gap-2">
          <Skeleton className="h-16" />
          <Skeleton className="h-40" />
        </div>
      )}
      {record && (
        <>
          <Visits record={record} />
          <Agreement agreement={record.agreement} />
          <OwnHistory path={`${recordPath(token)}/history`} receipts={{ under: recordPath(token) }} />
          <Kept kept={record.kept} />
          <section className="grid grid-cols-1 gap-2 border-t border-line pt-4">
            <h3 className="text-md font-semibold">Take it along, or object</h3>
            {record.objectedAt && (
              <p className="text-ink-2">
                You objected <Instant at={record.objectedAt} />. How you watch is not recorded.
              </p>
            )}
            {asking && (
              <p className="text-ink-2">
                How you watch will not be recorded any more, and what was recorded of it is erased now. Who
                was let in, and when, stays for security. You can go on watching.
              </p>
            )}
            <DialogActions>
              <Button busy={busy} onClick={() => run(async () => save(await copyRecord(token)))}>
                Save a copy
              </Button>
              {!record.objectedAt && (
                <Button
                  look="stop"
                  busy={busy}
                  onClick={() =>
                    asking
                      ? run(async () => {
                          setRecord(await objectToRecord(token))
                          setAsking(false)
                        })
                      : setAsking(true)
                  }
                >
                  {asking ? 'Object and erase' : 'Object…'}
                </Button>
              )}
            </DialogActions>
            <details className="text-sm text-ink-2">
              <summary className="min-h-6 py-1">What is not in the copy</summary>
              <ul className="grid list-disc gap-1 pt-1 pl-5">
                {record.notIncluded.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </details>
          </section>
        </>
      )}
    </Dialog>
  )
}

function Visits({ record }: { record: ViewerRecord }) {
  return (
    <section aria-label="Your visits" className="grid grid-cols-1 gap-3">
      {record.visits.map((visit) => (
        <dl
          key={visit.pseudonym}
          className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-x-3 gap-y-1 rounded-card border border-line p-3 text-sm"
        >
          {factsOf(visit).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-2">{name}</dt>
              <dd className="[overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
        </dl>
      ))}
    </section>
  )
}

const when = (at: string | null) => (at ? <Instant at={at} /> : null)

/** What there is to say of a visit; nothing is said of what did not happen. */
function factsOf(visit: ViewerVisit) {
  const { watched } = visit
  const facts = [
    ['You came', when(visit.firstSeenAt)],
    ['Your address', visit.address],
    ['You proved it', when(visit.addressProvedAt)],
    ['Signed in', visit.signedIn ? 'With your account' : null],
    ['Password given', when(visit.passwordGivenAt)],
    ['Your device proved itself', when(visit.deviceProvedAt)],
    ['Your view began', when(visit.viewStartedAt) ?? 'Not yet'],
    ['Access renewed', visit.renewals > 0 ? counted(visit.renewals, 'time') : null],
    ['Access until', when(visit.accessUntil)],
    ['Your view ended', when(visit.endedAt)],
    ['Your picture was black', when(visit.blackAt)],
    ['What you watched', watched ? partsInWords(watched) : 'Nothing is kept'],
    [
      'The log knows you as',
      <span key="pseudonym" className="mono">
        {visit.pseudonym}
      </span>,
    ],
  ] as const
  return facts.filter(([, value]) => value !== null)
}

function partsInWords({ playedSeconds, fractionSeen, parts }: NonNullable<ViewerVisit['watched']>): string {
  if (parts.length === 0) return 'Nothing yet'
  const runs = runsOf(parts).map(({ fromSeconds, toSeconds }) => `${clock(fromSeconds)}–${clock(toSeconds)}`)
  return `${clock(playedSeconds)} in all, ${Math.round(fractionSeen * 100)} % of the video: ${runs.join(', ')}`
}

/** Parts that follow one another, said as one. */
function runsOf(parts: { fromSeconds: number; toSeconds: number }[]) {
  const runs: { fromSeconds: number; toSeconds: number }[] = []
  for (const { fromSeconds, toSeconds } of parts) {
    const last = runs.at(-1)
    if (last && fromSeconds - last.toSeconds < 0.1) last.toSeconds = toSeconds
    else runs.push({ fromSeconds, toSeconds })
  }
  return runs
}

function Agreement({ agreement }: Pick<ViewerRecord, 'agreement'>) {
  if (!agreement) return null
  return (
    <details className="rounded-card border border-line p-3 text-sm">
      <summary className="min-h-6">
        You agreed to version {agreement.version} of the terms, <Instant at={agreement.acceptedAt} />
      </summary>
      <p className="pt-2 whitespace-pre-wrap text-ink-2">{agreement.text}</p>
    </details>
  )
}

function Kept({ kept }: Pick<ViewerRecord, 'kept'>) {
  return (
    <section className="grid grid-cols-1 gap-3 border-t border-line pt-4">
      <h3 className="text-md font-semibold">What is kept, why, and for how long</h3>
      <ul className="grid grid-cols-1 gap-3 text-sm">
        {kept.map(({ what, why, howLong }) => (
          <li key={what}>
            <p className="font-medium">{what}</p>
            <p className="text-ink-2">{why}</p>
            <p className="text-ink-2">{howLong}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Hands the copy to the browser as a file. */
function save(record: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: 'application/json' }))
  const link = document.createElement('a')
  Object.assign(link, { href: url, download: 'what-was-recorded.json' })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
