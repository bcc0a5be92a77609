'use client'

import Link from 'next/link'
import { Chip } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'

/** The shape of `share.check-report`. */
export type ShareCheckItem = {
  checkedAt: string
  report: {
    findings: { kind: string; shares: number; repaired: number; examples: string[] }[]
    comparedAt: string | null
    videosCompared: number
    videosUnanswered: number
    revokes: { here: number; elsewhere: number }
  }
}

const WORDS: Record<string, string> = {
  ended_but_open: 'ended, and somebody was still watching',
  video_deleted: 'lived on after their video was deleted',
  gone_at_provider: 'lead to a video that the video service no longer has',
  playback_id_missing: 'lead to a video that does not play at the video service',
  owner_gone: 'live, and the one who made them has left',
  never_used: 'have lived for two weeks and nobody opened them',
}

/** What the nightly look at all shares found. */
export function ShareCheckNote({ check }: { check: ShareCheckItem | null }) {
  const found = check?.report.findings.filter(({ shares }) => shares > 0) ?? []
  return (
    <section
      aria-labelledby="nightly-check"
      className="grid grid-cols-1 gap-2 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 id="nightly-check" className="text-md">
          Nightly check
        </h2>
        <p className="text-xs text-ink-2">
          {check ? (
            <>
              <Instant at={check.checkedAt} />;{' '}
              {check.report.comparedAt ? (
                <Compared {...check.report} at={check.report.comparedAt} />
              ) : (
                NOT_COMPARED
              )}
            </>
          ) : (
            'It runs at 3:40 UTC; it has not run yet.'
          )}
        </p>
      </div>
      {check && found.length === 0 && <p className="text-sm text-ink-2">Nothing is stale.</p>}
      {found.length > 0 && (
        <ul className="grid grid-cols-1 gap-1.5 text-sm">
          {found.map(({ kind, shares, repaired, examples }) => (
            <li key={kind} className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <span>
                {counted(shares, 'link')} {WORDS[kind] ?? kind}
              </span>
              {repaired > 0 && (
                <Chip tone="proof">{repaired === shares ? 'put right' : `${repaired} put right`}</Chip>
              )}
              {examples.slice(0, 3).map((id) => (
                <Link
                  key={id}
                  href={`/admin/shares?q=${encodeURIComponent(id)}&ended=all&share=${encodeURIComponent(id)}`}
                  prefetch={false}
                  className="mono rounded-chip text-ink-2 underline"
                >
                  {id.slice(0, 12)}…
                </Link>
              ))}
            </li>
          ))}
        </ul>
      )}
      {check && <RevokesMeasured revokes={check.report.revokes} />}
    </section>
  )
}

const NOT_COMPARED = 'the video service has not been compared with yet'

function Compared({
  at,
  videosCompared,
  videosUnanswered,
}: {
  at: string
  videosCompared: number
  videosUnanswered: number
}) {
  return (
    <>
      {counted(videosCompared, 'video')} compared with the video service <Instant at={at} />
      {videosUnanswered > 0 && `, ${videosUnanswered} without an answer`}
    </>
  )
}

function RevokesMeasured({ revokes: { here, elsewhere } }: { revokes: ShareCheckItem['report']['revokes'] }) {
  const all = here + elsewhere
  if (all === 0) return null
  return (
    <p className="text-xs text-ink-2">
      Of {counted(all, 'link')} ended early in ninety days, {((here / all) * 100).toFixed(0)} % were taken
      back here; the rest ended because their video vanished at the video service.
    </p>
  )
}
