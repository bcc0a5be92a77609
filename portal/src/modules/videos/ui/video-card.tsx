'use client'

import Link from 'next/link'
import { useState } from 'react'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { classes } from '#portal/ui/classes.ts'
import { Instant } from '#portal/ui/time.tsx'
import { clock, counted } from '#portal/ui/words.ts'
import { progressChips, type VideoItem } from './video-words.ts'

type CardProps = {
  video: VideoItem
  posterUrl: string | undefined
  shareState: { tone: ChipTone; live?: boolean; words: string }
  liveShares: number
  /** by how many people, and when the last one was there; undefined where nobody has watched */
  seen?: { people: number; lastAt: string } | undefined
}

/** One video: its picture or why there is none, its name, how far it is, how it is shared. */
export function VideoCard({ video, posterUrl, shareState, liveShares, seen }: CardProps) {
  const playable = video.status === 'ready'
  return (
    <li className="relative grid grid-cols-1 content-start gap-2.5 rounded-card focus-within:outline-2 focus-within:outline-offset-4 focus-within:outline-focus">
      <Picture video={video} posterUrl={posterUrl} />
      <div className="grid grid-cols-1 gap-1.5">
        <Link
          href={`/videos/${video.id}`}
          prefetch={false}
          title={video.title}
          className="line-clamp-2 font-medium outline-none after:absolute after:inset-0 after:content-['']"
        >
          {video.title}
        </Link>
        <div className="flex flex-wrap gap-1.5">
          {(!playable || !video.complete) &&
            progressChips(video).map((chip) => (
              <Chip key={chip.words} tone={chip.tone}>
                {chip.words}
              </Chip>
            ))}
          {playable && (
            <Chip tone={shareState.tone} live={shareState.live}>
              {shareState.words}
            </Chip>
          )}
          {liveShares > 0 && <Chip>{counted(liveShares, 'share')}</Chip>}
        </div>
        {seen && (
          <p className="text-sm text-ink-2">
            Watched by {counted(seen.people, 'person', 'people')}, last <Instant at={seen.lastAt} />
          </p>
        )}
      </div>
    </li>
  )
}

function Picture({ video, posterUrl }: { video: VideoItem; posterUrl: string | undefined }) {
  const [broken, setBroken] = useState<string | null>(null)
  const frame =
    'relative grid aspect-video place-items-center overflow-hidden rounded-card border p-4 text-center text-sm'
  if (video.status === 'failed') {
    return (
      <div className={classes(frame, 'border-line bg-stop-bg text-stop')}>
        <span className="line-clamp-4">{video.error ?? 'This file could not be read.'}</span>
      </div>
    )
  }
  if (video.status !== 'ready' || !posterUrl || broken === posterUrl) {
    return (
      <div className={classes(frame, 'border-line bg-sunken text-ink-2')}>
        {video.status === 'waiting'
          ? 'Waiting for the file'
          : video.status === 'processing'
            ? 'Not playable yet'
            : 'Playable now'}
      </div>
    )
  }
  return (
    <div className={classes(frame, 'border-line bg-sunken')}>
      {/* biome-ignore lint/performance/noImgElement: signed and short-lived, nothing for an image cache */}
      <img
        src={posterUrl}
        alt=""
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        className="absolute inset-0 size-full object-cover"
        onError={() => setBroken(posterUrl)}
      />
      {video.duration !== null && (
        <span className="mono absolute right-2 bottom-2 rounded-chip bg-[oklch(0.15_0_0/.82)] px-1.5 py-0.5 font-medium text-[white]">
          {clock(video.duration)}
        </span>
      )}
    </div>
  )
}
