'use client'

import 'media-chrome/media-controller'
import 'media-chrome/media-control-bar'
import 'media-chrome/media-captions-button'
import 'media-chrome/media-fullscreen-button'
import 'media-chrome/media-loading-indicator'
import 'media-chrome/media-mute-button'
import 'media-chrome/media-pip-button'
import 'media-chrome/media-play-button'
import 'media-chrome/media-preview-thumbnail'
import 'media-chrome/media-preview-time-display'
import 'media-chrome/media-time-display'
import 'media-chrome/media-time-range'
import 'media-chrome/media-volume-range'
import 'media-chrome/menu/media-playback-rate-menu'
import 'media-chrome/menu/media-playback-rate-menu-button'
import 'media-chrome/menu/media-rendition-menu'
import 'media-chrome/menu/media-rendition-menu-button'
import 'hls-video-element'
import './player.css'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { keepPlaying } from './keep-playing.ts'
import type { EndReason, Grant, Issued } from './playback-session.ts'
import { PlayerHelp } from './player-help.tsx'
import type { HlsVideo } from './player-watch.ts'
import { keepStoryboard } from './storyboard.ts'
import { usePlayerKeys } from './use-player-keys.ts'

export type PlayerProps = {
  first: Issued
  issue: () => Promise<Issued>
  /** server-sent events that can stop this view; none for one's own videos */
  eventsUrl?: string
  autoPlay?: boolean
  /** drawn over the picture, in full screen too */
  overlay?: ReactNode
  /** called when nothing can be seen any more; `elapsedMs` since the reason was known here */
  onEnd: (reason: EndReason, elapsedMs: number) => void
  onRenewed?: (grant: Grant) => void
}

/** The player: media-chrome around hls.js, kept alive and stopped by the playback session. */
export default function Player({
  first,
  issue,
  eventsUrl,
  autoPlay = false,
  overlay,
  onEnd,
  onRenewed,
}: PlayerProps) {
  const video = useRef<HlsVideo>(null)
  const [help, setHelp] = useState(false)
  const [broken, setBroken] = useState<string | null>(null)
  const rate = usePlaybackRate(video)
  const callbacks = useRef({ issue, onEnd, onRenewed })
  callbacks.current = { issue, onEnd, onRenewed }

  useEffect(() => {
    const element = video.current
    if (!element) return
    return keepPlaying(element, first, {
      ...(eventsUrl ? { eventsUrl } : {}),
      issue: () => callbacks.current.issue(),
      onRenewed: (grant) => callbacks.current.onRenewed?.(grant),
      onEnd: (reason, elapsedMs) => callbacks.current.onEnd(reason, elapsedMs),
      onBroken: setBroken,
    })
  }, [first, eventsUrl])

  useStoryboard(video, first.grant.storyboardUrl)
  usePlayerKeys(video, () => setHelp((shown) => !shown))

  return (
    <>
      <media-controller nohotkeys nomutedpref novolumepref nosubtitleslangpref autohide="2.5">
        <hls-video
          ref={video}
          slot="media"
          poster={first.grant.posterUrl}
          playsinline
          autoplay={autoPlay || undefined}
          aria-label={first.grant.title}
        />
        {overlay}
        <media-loading-indicator slot="centered-chrome" noautohide />
        <media-rendition-menu hidden anchor="auto" />
        <media-playback-rate-menu hidden anchor="auto" rates="0.25 0.5 0.75 1 1.25 1.5 2" />
        <div className="player-bar">
          <media-control-bar class="w-full">
            <media-time-range>
              <media-preview-thumbnail slot="preview" />
              <media-preview-time-display slot="preview" />
            </media-time-range>
          </media-control-bar>
          <media-control-bar class="w-full items-center">
            <media-play-button />
            <media-mute-button />
            <media-volume-range />
            <media-time-display showduration notoggle />
            <span className="flex-1" />
            <media-captions-button />
            <media-playback-rate-menu-button>
              <span slot="icon" aria-hidden="true">
                {rate}×
              </span>
            </media-playback-rate-menu-button>
            <media-rendition-menu-button />
            <media-pip-button />
            <media-fullscreen-button />
          </media-control-bar>
        </div>
        {broken && (
          <p
            role="alert"
            slot="centered-chrome"
            className="max-w-[40ch] rounded-control bg-[oklch(0_0_0/.8)] px-4 py-3 text-center"
          >
            {broken}
          </p>
        )}
      </media-controller>
      <PlayerHelp open={help} onClose={() => setHelp(false)} />
    </>
  )
}

/** The speed for the button's face; its name comes from media-chrome. */
function usePlaybackRate(video: React.RefObject<HlsVideo | null>): number {
  const [rate, setRate] = useState(1)
  useEffect(() => {
    const element = video.current
    const read = () => setRate(element?.playbackRate ?? 1)
    element?.addEventListener('ratechange', read)
    return () => element?.removeEventListener('ratechange', read)
  }, [video])
  return rate
}

/** Preview pictures on the time range, fetched once the video plays. */
function useStoryboard(video: React.RefObject<HlsVideo | null>, url: string) {
  useEffect(() => {
    const element = video.current
    if (!element) return
    const abort = new AbortController()
    let release = () => {}
    const load = async () => {
      const kept = await keepStoryboard(url, abort.signal)
      if (!kept || abort.signal.aborted) return kept?.release()
      release = kept.release
      const track = document.createElement('track')
      Object.assign(track, { kind: 'metadata', label: 'thumbnails', default: true, src: kept.url })
      element.append(track)
    }
    element.addEventListener('playing', load, { once: true, signal: abort.signal })
    return () => {
      abort.abort()
      release()
    }
  }, [video, url])
}
