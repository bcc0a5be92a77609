'use client'

import 'media-chrome/media-controller'
import 'media-chrome/media-loading-indicator'
import 'hls-video-element'
import './player.css'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { attachProgress } from '#portal/modules/analytics/ui/progress-beacon.ts'
import type { Chapter } from '#portal/modules/videos/rules.ts'
import { chaptersUrl } from './chapters-track.ts'
import { ConnectionNote } from './connection-note.tsx'
import { keepPlaying } from './keep-playing.ts'
import type { EndReason, Grant, Issued } from './playback-session.ts'
import { PlayerControls } from './player-controls.tsx'
import type { HlsVideo } from './player-watch.ts'
import { keepStoryboard } from './storyboard.ts'
import { useCaptions } from './use-captions.ts'
import { usePlayerKeys } from './use-player-keys.ts'

const PlayerHelp = lazy(async () => ({ default: (await import('./player-help.tsx')).PlayerHelp }))

const NO_CHAPTERS: Chapter[] = []

export type PlayerProps = {
  first: Issued
  issue: () => Promise<Issued>
  /** server-sent events that can stop this view; none for one's own videos */
  eventsUrl?: string
  /** where to report which parts were played; none where nobody records it */
  progressUrl?: string
  autoPlay?: boolean
  /** drawn over the picture, in full screen too; where it is, the picture is not shown without it */
  overlay?: ReactNode
  /** called with the element once it is there, and with null when it is gone */
  onVideo?: (video: HlsVideo | null) => void
  /** called when nothing can be seen any more; `elapsedMs` since the reason was known here */
  onEnd: (reason: EndReason, elapsedMs: number) => void
  onRenewed?: (grant: Grant) => void
}

/** The player: media-chrome around hls.js, kept alive and stopped by the playback session. */
export default function Player({
  first,
  issue,
  eventsUrl,
  progressUrl,
  autoPlay = false,
  overlay,
  onVideo,
  onEnd,
  onRenewed,
}: PlayerProps) {
  const video = useRef<HlsVideo>(null)
  const [element, setElement] = useState<HlsVideo | null>(null)
  const [help, setHelp] = useState(false)
  const [broken, setBroken] = useState<string | null>(null)
  const callbacks = useRef({ issue, onVideo, onEnd, onRenewed })
  callbacks.current = { issue, onVideo, onEnd, onRenewed }
  const { chapters, duration, posterUrl, storyboardUrl, title } = first.grant
  const chapterTrack = useMemo(() => chaptersUrl(chapters, duration), [chapters, duration])
  const marked = Boolean(overlay)

  useEffect(() => {
    setElement(video.current)
    callbacks.current.onVideo?.(video.current)
    return () => callbacks.current.onVideo?.(null)
  }, [])

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

  useEffect(() => {
    // A browser that asks not to be followed is not.
    if (!element || !progressUrl || (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
      return
    return attachProgress(element, progressUrl)
  }, [element, progressUrl])
  useStoryboard(video, storyboardUrl)
  useCaptions(video)
  usePlayerKeys(video, () => setHelp((shown) => !shown))

  return (
    <>
      <media-controller nohotkeys nomutedpref novolumepref nosubtitleslangpref autohide="2.5">
        <hls-video
          ref={video}
          slot="media"
          poster={posterUrl}
          playsinline
          autoplay={autoPlay || undefined}
          disablepictureinpicture={marked || undefined}
          disableremoteplayback={marked || undefined}
          aria-label={title}
        >
          {chapterTrack && <track kind="chapters" label="Chapters" default src={chapterTrack} />}
        </hls-video>
        {overlay}
        <ConnectionNote />
        <media-loading-indicator slot="centered-chrome" noautohide />
        <PlayerControls video={element} chapters={chapters ?? NO_CHAPTERS} marked={marked} />
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
      {help && (
        <Suspense>
          <PlayerHelp open={help} onClose={() => setHelp(false)} />
        </Suspense>
      )}
    </>
  )
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
