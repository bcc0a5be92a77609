import type { Metadata } from 'next'
import { summariseShareViewing } from '#portal/modules/analytics/summarise-viewing.ts'
import { listShares } from '#portal/modules/sharing/queries.ts'
import { getVideo } from '#portal/modules/videos/get-video.ts'
import { ask, mustBeSignedIn } from '../../../../door.ts'
import { VideoDesk } from './video-desk.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  await mustBeSignedIn()
  const { title } = await ask(getVideo, { id: (await params).id })
  return { title }
}

export default async function VideoPage({ params }: Props) {
  await mustBeSignedIn()
  const { id } = await params
  const [video, shares] = await Promise.all([
    ask(getVideo, { id }),
    ask(listShares, { videoId: id, limit: 100 }),
  ])
  const viewing = await ask(summariseShareViewing, { shareIds: shares.items.map((share) => share.id) })
  return (
    <VideoDesk
      video={video}
      shares={shares.items}
      viewing={viewing}
      moreShares={shares.nextCursor !== null}
    />
  )
}
