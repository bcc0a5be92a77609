'use client'

import { type ReactNode, useState } from 'react'
import { ChapterList } from '#portal/modules/playback/ui/chapter-list.tsx'
import type { HlsVideo } from '#portal/modules/playback/ui/player-watch.ts'
import { Chip } from '#portal/ui/chip.tsx'
import { PrivacyLink } from '#portal/ui/privacy-link.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import { DownloadButton } from './download-button.tsx'
import { RecordButton } from './record-button.tsx'
import { NothingRemembered, ResumeNote } from './resume-note.tsx'
import { ScreenFrame } from './screen-frame.tsx'
import type { ViewerGrant } from './viewer-api.ts'

type ScreeningRoomProps = {
  token: string
  grant: ViewerGrant
  /** only whoever proved an address may watch */
  personal: boolean
  /** viewers are asked what may be kept; where they are not, nothing of it is */
  asked: boolean
  /** the player, which tells of its element */
  children: (onVideo: (video: HlsVideo | null) => void) => ReactNode
}

/** The page around a shared video while it plays. */
export function ScreeningRoom({ token, grant, personal, asked, children }: ScreeningRoomProps) {
  const [video, setVideo] = useState<HlsVideo | null>(null)
  const { chapters = [] } = grant
  return (
    <ScreenFrame
      head={
        grant.sharedBy && (
          <p className="min-w-0 truncate text-ink-2" title={grant.sharedBy}>
            <span className="max-sm:sr-only">Shared by </span>
            <strong className="font-semibold text-ink">{grant.sharedBy}</strong>
          </p>
        )
      }
      screen={children(setVideo)}
    >
      {grant.note && (
        <p className="mx-4 mt-4 rounded-control bg-sunken px-3 py-2.5 whitespace-pre-wrap [overflow-wrap:anywhere] sm:mx-0.5">
          {grant.note}
        </p>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-4 py-5 sm:px-0.5">
        <div className="min-w-0">
          <h1 className="[overflow-wrap:anywhere]">{grant.title}</h1>
          {grant.sharedBy && (
            <p className="[overflow-wrap:anywhere] text-ink-2 sm:hidden">Shared by {grant.sharedBy}</p>
          )}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {personal && (
            <Chip tone="proof" live>
              Private to you
            </Chip>
          )}
          {grant.until && (
            <Chip>
              Until <Instant at={grant.until} />
            </Chip>
          )}
          {typeof grant.viewsLeft === 'number' && (
            <Chip>{grant.viewsLeft === 0 ? 'Last view' : `${counted(grant.viewsLeft, 'view')} left`}</Chip>
          )}
          {grant.download && <DownloadButton token={token} />}
          <RecordButton token={token} />
        </div>
      </div>
      {chapters.length > 0 && <ChapterList chapters={chapters} video={video} />}
      <div className="grid grid-cols-1 gap-1 px-4 pb-6 sm:px-0.5">
        {asked ? <ResumeNote token={token} video={video} duration={grant.duration} /> : <NothingRemembered />}
        {grant.watermark && (
          <p className="text-sm text-ink-2">
            This video is marked with who watches. It plays on this page and in its full screen;
            picture-in-picture and sending it to other screens are off.
          </p>
        )}
        <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-3">
          <span className="[@media(hover:none)]:hidden">Press ? for the keys.</span>
          <PrivacyLink />
        </p>
      </div>
    </ScreenFrame>
  )
}
