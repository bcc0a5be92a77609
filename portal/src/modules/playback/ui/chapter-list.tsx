'use client'

import { useEffect, useState } from 'react'
import type { Chapter } from '#portal/modules/videos/rules.ts'
import { clock } from '#portal/ui/words.ts'
import { chapterAt } from './chapters-track.ts'

/** The chapters of a video, to jump to; the one that plays is marked. */
export function ChapterList({ chapters, video }: { chapters: Chapter[]; video: HTMLVideoElement | null }) {
  const [now, setNow] = useState(-1)
  useEffect(() => {
    if (!video) return
    const look = () => setNow(chapterAt(chapters, video.currentTime))
    for (const name of ['timeupdate', 'seeking']) video.addEventListener(name, look)
    return () => {
      for (const name of ['timeupdate', 'seeking']) video.removeEventListener(name, look)
    }
  }, [chapters, video])
  return (
    <section aria-labelledby="chapters" className="grid grid-cols-1 gap-1.5 px-4 pb-6 sm:px-0.5">
      <h2 id="chapters" className="text-md">
        Chapters
      </h2>
      <ol className="grid grid-cols-1 gap-px sm:grid-cols-2 sm:gap-x-4">
        {chapters.map(({ at, title }, index) => (
          <li key={at}>
            <button
              type="button"
              aria-current={index === now ? 'step' : undefined}
              className="flex w-full items-baseline gap-3 rounded-control px-2 py-1.5 text-left text-ink-2 hover:bg-sunken hover:text-ink aria-[current]:bg-sunken aria-[current]:text-ink max-sm:min-h-11 max-sm:items-center"
              onClick={() => {
                if (!video) return
                video.currentTime = at
                void video.play().catch(() => {})
              }}
            >
              <span className="mono shrink-0 text-sm">{clock(at)}</span>
              <span className="min-w-0 [overflow-wrap:anywhere]">{title}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
