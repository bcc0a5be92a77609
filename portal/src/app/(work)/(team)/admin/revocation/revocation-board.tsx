'use client'

import {
  msInWords,
  TimeHistogram,
  type TimeHistogramData,
} from '#portal/modules/reliability/ui/time-histogram.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted } from '#portal/ui/words.ts'

type Measured = {
  provider: 'engine' | 'mux'
  everyMinutes: number
  runs: number
  failed: number
  last: { ranAt: string; stopMs: number | null; mediaMs: number | null; error: string | null } | null
  stop: TimeHistogramData
  media: TimeHistogramData
  players: TimeHistogramData
}

/** How soon playback ends after a revoke: two bounds, measured all the time and kept apart, and what players say. */
export function RevocationBoard({ measured }: { measured: Measured }) {
  useRefresh(30_000)
  const { provider, last, stop, media, players } = measured
  const none = 'Nothing measured yet.'
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Time to black">
        How soon playback ends after a revoke, over thirty days. The bounds are measured apart and never
        averaged.
      </PageHead>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Standing measured={measured} />
        <p className="text-ink-2">
          {measured.everyMinutes === 0
            ? 'The probe is off: REVOKE_PROBE_MINUTES is 0.'
            : `The probe plays and revokes a link of its own every ${counted(measured.everyMinutes, 'minute')}.`}{' '}
          {last && (
            <>
              Last <Instant at={last.ranAt} />
              {last.error ? `: ${last.error}` : '.'}
            </>
          )}
        </p>
      </div>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
        <TimeHistogram
          title="Open player"
          about="From the revoke’s request to the player’s word to stop, by the probe."
          bound="1 s"
          none={none}
          data={stop}
        />
        <TimeHistogram
          title="Media"
          about={
            provider === 'engine'
              ? 'For how long after the revoke’s answer a segment was still served, by the probe.'
              : 'For how long after the revoke’s answer Mux still served a segment, by the probe: a token that was issued before lives on. An emergency revoke ends it at once.'
          }
          bound={media.boundMs === 0 ? 'the next request' : `${msInWords(media.boundMs)} (a token’s life)`}
          none={none}
          data={media}
        />
        <TimeHistogram
          title="As players reported it"
          about="From the end of a real view to its black picture, as the viewer’s own page told."
          bound="1 s"
          none="No player has reported yet."
          data={players}
        />
      </div>
    </div>
  )
}

function Standing({ measured: { runs, failed, last } }: { measured: Measured }) {
  if (!last) return <Chip>No probe yet</Chip>
  if (last.error) return <Chip tone="stop">The last probe failed</Chip>
  if (failed > 0) return <Chip tone="warn">{`${failed} of ${counted(runs, 'probe')} missed`}</Chip>
  return <Chip tone="proof">{`${counted(runs, 'probe')}, all within their bounds`}</Chip>
}
