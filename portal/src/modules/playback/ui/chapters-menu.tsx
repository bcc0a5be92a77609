'use client'

import 'media-chrome/menu/media-chrome-menu'
import 'media-chrome/menu/media-chrome-menu-button'
import 'media-chrome/menu/media-chrome-menu-item'
import { ListVideo } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Chapter } from '#portal/modules/videos/rules.ts'
import { clock } from '#portal/ui/words.ts'
import { chapterAt } from './chapters-track.ts'
import type { HlsVideo } from './player-watch.ts'

const BUTTON = 'chapters-menu-button'
const MENU = 'chapters-menu'

/** The chapters as a menu of the player's bar, for full screen and for fingers: a choice goes there. */
export function ChaptersMenu({ chapters, video }: { chapters: Chapter[]; video: HlsVideo | null }) {
  const menu = useRef<HTMLElement>(null)
  const [current, setCurrent] = useState(-1)
  useEffect(() => {
    if (!video) return
    const look = () => setCurrent(chapterAt(chapters, video.currentTime))
    look()
    const events = ['timeupdate', 'seeked']
    for (const name of events) video.addEventListener(name, look)
    return () => {
      for (const name of events) video.removeEventListener(name, look)
    }
  }, [video, chapters])
  useEffect(() => {
    const element = menu.current
    if (!element || !video) return
    // The menu lets no press out of itself, and is silent about one on the chapter that plays.
    const go = (event: Event) => {
      if (event instanceof KeyboardEvent && ![' ', 'Enter'].includes(event.key)) return
      const item = (event.target as Element).closest('media-chrome-menu-item')
      const chapter = chapters[Number(item?.getAttribute('value') ?? -1)]
      if (chapter) video.currentTime = chapter.at
    }
    for (const name of ['click', 'keydown']) element.addEventListener(name, go)
    return () => {
      for (const name of ['click', 'keydown']) element.removeEventListener(name, go)
    }
  }, [video, chapters])
  return (
    <media-chrome-menu ref={menu} id={MENU} hidden anchor={BUTTON} aria-label="Chapters">
      <span slot="header">Chapters</span>
      {chapters.map(({ at, title }, index) => (
        <media-chrome-menu-item
          key={at}
          type="radio"
          value={String(index)}
          checked={index === current || undefined}
        >
          <span className="chapter-time">{clock(at)}</span>
          <span className="chapter-title">{title}</span>
        </media-chrome-menu-item>
      ))}
    </media-chrome-menu>
  )
}

/** Opens it; left out where a video has no chapters. */
export function ChaptersMenuButton() {
  return (
    <media-chrome-menu-button id={BUTTON} invoketarget={MENU} aria-label="Chapters">
      <ListVideo aria-hidden />
    </media-chrome-menu-button>
  )
}
