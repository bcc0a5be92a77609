'use client'

import { useApi } from '#portal/ui/use-api.ts'
import { counted } from '#portal/ui/words.ts'
import type { Heat } from '../rules.ts'
import { HeatStrip } from './heat-strip.tsx'

const REFRESH_MS = 20_000

/** How a video was watched over all of its links; nothing where nobody has. */
export function VideoViewing({ videoId }: { videoId: string }) {
  const { data } = useApi<{ durationSeconds: number | null; viewerCount: number; heat: Heat[] }>(
    `/api/videos/${encodeURIComponent(videoId)}/viewing`,
    { everyMs: REFRESH_MS },
  )
  if (!data?.durationSeconds || data.heat.length === 0) return null
  return (
    <section aria-labelledby="watched" className="grid grid-cols-1 gap-3">
      <h2 id="watched">Watched by {counted(data.viewerCount, 'person', 'people')}</h2>
      <HeatStrip
        videoId={videoId}
        heat={data.heat}
        durationSeconds={data.durationSeconds}
        viewers={data.viewerCount}
      />
    </section>
  )
}
