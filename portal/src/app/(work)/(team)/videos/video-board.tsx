'use client'

import type { ViewingSummary } from '#portal/modules/analytics/answers.ts'
import { stateOfVideo } from '#portal/modules/sharing/ui/share-words.ts'
import { DropZone, UploadButton } from '#portal/modules/uploads/ui/drop-zone.tsx'
import { UploadPanel } from '#portal/modules/uploads/ui/upload-panel.tsx'
import { useUploads } from '#portal/modules/uploads/ui/use-uploads.ts'
import { VideoCard } from '#portal/modules/videos/ui/video-card.tsx'
import { VideoGrid } from '#portal/modules/videos/ui/video-list.tsx'
import { isMoving, type VideoItem } from '#portal/modules/videos/ui/video-words.ts'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useNow } from '#portal/ui/use-now.ts'
import { useReachableRefresh, useRefresh } from '#portal/ui/use-refresh.ts'
import { counted, durationInWords } from '#portal/ui/words.ts'

type Shares = {
  videoId: string
  live: number
  watching: number
  nextExpiry: string | null
  lastEnd: 'revoked' | 'expired' | 'used_up' | null
}

type BoardProps = {
  personId: string
  organisation: string
  videos: VideoItem[]
  posters: Record<string, string>
  shares: Shares[]
  viewing: ViewingSummary[]
  older: string | null
}

const SOON_MS = 2000
const LATER_MS = 20_000

/** The team's videos with what is being uploaded above them. */
export function VideoBoard({ personId, organisation, videos, posters, shares, viewing, older }: BoardProps) {
  const now = useNow()
  const { queue, items } = useUploads(personId, useReachableRefresh())
  const arriving = items.some((item) => item.state === 'done')
  const moving = arriving || videos.some(isMoving) || shares.some((share) => share.watching > 0)
  useRefresh(moving ? SOON_MS : LATER_MS)
  const add = queue.add.bind(queue)
  const underway = new Set(items.filter((item) => item.state !== 'refused').map((item) => item.videoId))
  const shown = videos.filter((video) => !(video.status === 'waiting' && underway.has(video.id)))
  const seconds = videos.reduce((sum, video) => sum + (video.duration ?? 0), 0)
  const amount = `${counted(shown.length, 'video')}${older ? ' on this page' : ''}${seconds ? `, ${durationInWords(seconds)}` : ''}`
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Videos" actions={<UploadButton onFiles={add} />}>
        {organisation} · {amount}
      </PageHead>
      <UploadPanel items={items} queue={queue} />
      {shown.length > 0 && (
        <VideoGrid>
          {shown.map((video) => {
            const summary = shares.find((share) => share.videoId === video.id)
            return (
              <VideoCard
                key={video.id}
                video={video}
                posterUrl={posters[video.id]}
                shareState={stateOfVideo(summary, now)}
                liveShares={summary?.live ?? 0}
                seen={viewing.find(({ id }) => id === video.id)}
              />
            )
          })}
        </VideoGrid>
      )}
      {shown.length === 0 && items.length === 0 && (
        <EmptyState
          title="No videos yet"
          action={<UploadButton onFiles={add} label="Upload the first one" />}
        >
          Drop files anywhere on this page. An upload survives a lost connection and a reload, and a video
          plays as soon as its first version is there.
        </EmptyState>
      )}
      <PageLinks next={older} older="Older videos" newest="Newest videos" />
      <DropZone onFiles={add} />
    </div>
  )
}
