'use client'

import dynamic from 'next/dynamic'
import { useCallback, useEffect, useState } from 'react'
import { sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import { issuePlayback } from './issue-playback.ts'
import type { EndReason, Issued } from './playback-session.ts'

const Player = dynamic(() => import('./player.tsx'), {
  ssr: false,
  loading: () => <Skeleton className="size-full rounded-none" />,
})

/** The player for a video of one's own organisation. */
export function OwnPlayer({ videoId }: { videoId: string }) {
  const [first, setFirst] = useState<Issued | null>(null)
  const [error, setError] = useState<string | null>(null)
  const issue = useCallback(
    () => issuePlayback(`/api/videos/${encodeURIComponent(videoId)}/playback`),
    [videoId],
  )
  const begin = useCallback(async () => {
    setError(null)
    try {
      setFirst(await issue())
    } catch (thrown) {
      setError(sentenceFor(thrown))
    }
  }, [issue])
  useEffect(() => void begin(), [begin])
  const end = useCallback((_reason: EndReason) => {
    setFirst(null)
    setError('Playback ended: the video was deleted, or you are signed out.')
  }, [])
  return (
    <div className="dark aspect-video max-h-[calc(100dvh-180px)] w-full overflow-hidden rounded-panel bg-[black] text-ink">
      {error ? (
        <div
          role="alert"
          className="grid size-full place-content-center justify-items-center gap-3 p-6 text-center"
        >
          <p>{error}</p>
          <Button onClick={begin}>Try again</Button>
        </div>
      ) : first ? (
        <Player first={first} issue={issue} onEnd={end} />
      ) : (
        <Skeleton className="size-full rounded-none" />
      )}
    </div>
  )
}
