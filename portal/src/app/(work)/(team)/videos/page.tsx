import type { Metadata } from 'next'
import { summariseVideoViewing } from '#portal/modules/analytics/summarise-viewing.ts'
import { posterUrls } from '#portal/modules/playback/poster-urls.ts'
import { summariseShares } from '#portal/modules/sharing/summarise-shares.ts'
import { listVideos } from '#portal/modules/videos/list-videos.ts'
import { ask, mustBeSignedIn, oneOf } from '../../../door.ts'
import { VideoBoard } from './video-board.tsx'

export const metadata: Metadata = { title: 'Videos' }

export default async function VideosPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const person = await mustBeSignedIn()
  const after = oneOf((await searchParams).after)
  const { items, nextCursor } = await ask(listVideos, { limit: 60, ...(after ? { cursor: after } : {}) })
  const videoIds = items.map((video) => video.id)
  const [posters, shares, viewing] = await Promise.all([
    ask(posterUrls, { videoIds }),
    ask(summariseShares, { videoIds }),
    ask(summariseVideoViewing, { videoIds }),
  ])
  return (
    <VideoBoard
      personId={person.id}
      organisation={person.organisationName}
      videos={items}
      posters={posters}
      shares={shares}
      viewing={viewing}
      older={nextCursor}
    />
  )
}
