import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { AskedRevocation, RevocationOutcome } from '../answers.ts'

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

/** What came of a revoke of many links: asked for, or done in so much time. */
export function RevocationResult({ done }: { done: AskedRevocation | RevocationOutcome }) {
  if (done.status === 'pending_approval')
    return (
      <p role="status" className="text-ink-2">
        Asked for. Nothing has stopped yet: a second person decides on the page Approvals, until{' '}
        <Instant at={done.expiresAt} className="font-medium text-ink" />.
      </p>
    )
  return (
    <div role="status" className="grid grid-cols-1 gap-2 text-ink-2">
      <p>
        {counted(done.shares, 'link')} ended and {counted(done.players, 'open player')} stopped in{' '}
        <strong className="mono text-ink">{seconds(done.actedMs)}</strong>.
      </p>
      {done.status === 'running' && <p>There are more: the portal goes on with them by itself.</p>}
      {done.replacedPlaybackIds > 0 && (
        <p>
          {counted(done.replacedPlaybackIds, 'video')} moved to a new address, so that no old token opens.
        </p>
      )}
      {done.confirmedMs !== null && (
        <p>
          Confirmed by the video service after{' '}
          <strong className="mono text-ink">{seconds(done.confirmedMs)}</strong>.
        </p>
      )}
      {done.boundSeconds > 0 && (
        <p>What was allowed before may stay reachable for {done.boundSeconds} s at most.</p>
      )}
      {!done.confirmed && (
        <p className="text-warn">The video service has not confirmed yet. It is told again until it does.</p>
      )}
      {done.review === 'open' && <p>A second person now reviews it on the page Approvals.</p>}
    </div>
  )
}
