'use client'

import 'media-chrome/media-control-bar'
import 'media-chrome/media-fullscreen-button'
import 'media-chrome/media-mute-button'
import 'media-chrome/media-pip-button'
import 'media-chrome/media-play-button'
import 'media-chrome/media-preview-chapter-display'
import 'media-chrome/media-preview-thumbnail'
import 'media-chrome/media-preview-time-display'
import 'media-chrome/media-time-display'
import 'media-chrome/media-time-range'
import 'media-chrome/media-volume-range'
import 'media-chrome/menu/media-captions-menu'
import 'media-chrome/menu/media-captions-menu-button'
import 'media-chrome/menu/media-playback-rate-menu'
import 'media-chrome/menu/media-playback-rate-menu-button'
import 'media-chrome/menu/media-rendition-menu'
import 'media-chrome/menu/media-rendition-menu-button'
import { useEffect, useRef } from 'react'
import type { Chapter } from '#portal/modules/videos/rules.ts'
import { ChaptersMenu, ChaptersMenuButton } from './chapters-menu.tsx'
import type { HlsVideo } from './player-watch.ts'
import { useFaces } from './use-faces.ts'

/**
 * The bar over the picture. What shows the picture without what is drawn over it is left out where something is:
 * picture-in-picture, and the full screen of a browser that can only show a video in it.
 */
export function PlayerControls({
  video,
  chapters,
  marked,
}: {
  video: HlsVideo | null
  chapters: Chapter[]
  marked: boolean
}) {
  const { rate, quality } = useFaces(video)
  const qualityButton = useRef<HTMLElement>(null)
  // Its name must hold what stands on it; media-chrome names it by itself when it appears.
  useEffect(() => qualityButton.current?.setAttribute('aria-label', `Quality: ${quality}`), [quality])
  const wholePage = typeof document !== 'undefined' && document.fullscreenEnabled
  return (
    <>
      {chapters.length > 0 && <ChaptersMenu chapters={chapters} video={video} />}
      <media-captions-menu hidden anchor="auto" />
      <media-rendition-menu hidden anchor="auto" />
      <media-playback-rate-menu hidden anchor="auto" rates="0.25 0.5 0.75 1 1.25 1.5 2" />
      <div className="player-bar">
        <media-control-bar class="w-full">
          <media-time-range>
            <media-preview-thumbnail slot="preview" />
            <media-preview-chapter-display slot="preview" />
            <media-preview-time-display slot="preview" />
          </media-time-range>
        </media-control-bar>
        <media-control-bar class="w-full items-center">
          <media-play-button />
          <media-mute-button />
          <media-volume-range />
          <media-time-display showduration notoggle />
          <span className="flex-1" />
          {chapters.length > 0 && <ChaptersMenuButton />}
          <media-captions-menu-button />
          <media-playback-rate-menu-button>
            <span slot="icon" aria-hidden="true">
              {rate}×
            </span>
          </media-playback-rate-menu-button>
          <media-rendition-menu-button ref={qualityButton}>
            <span slot="icon" aria-hidden="true">
              {quality}
            </span>
          </media-rendition-menu-button>
          {!marked && <media-pip-button />}
          {(wholePage || !marked) && <media-fullscreen-button />}
        </media-control-bar>
      </div>
    </>
  )
}
