'use client'

import { useEffect, useRef, useState } from 'react'
import {
  forgetPlaces,
  goOnAt,
  type Places,
  placeOf,
  readPlaces,
  writePlaces,
} from '#portal/modules/playback/ui/resume.ts'
import { clock } from '#portal/ui/words.ts'

const KEEP_EVERY_MS = 5000
const shelf = () => localStorage
const linkClass = 'min-h-8 rounded-chip font-medium text-ink underline underline-offset-2 max-sm:min-h-11'

type Answer = 'unasked' | 'yes' | 'no' | 'impossible'

/**
 * Asks once whether this device may remember where somebody stopped, and goes on from there the next time. Nothing is
 * kept before a yes, and nothing leaves the device.
 */
export function ResumeNote({
  token,
  video,
  duration,
}: {
  token: string
  video: HTMLVideoElement | null
  duration: number | null
}) {
  const [answer, setAnswer] = useState<Answer>(() => (readPlaces(shelf) ? 'yes' : 'unasked'))
  const [wentOn, setWentOn] = useState<number | null>(null)
  useGoOn(token, video, duration, setWentOn)
  useKeepPlace(token, video, answer === 'yes')

  if (answer === 'no') return null
  if (answer === 'impossible')
    return <p className="text-sm text-ink-2">This browser keeps nothing on the device.</p>
  if (answer === 'unasked') {
    return (
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2">
        Remember where you stopped, on this device only?
        <button
          type="button"
          className={linkClass}
          onClick={() => setAnswer(writePlaces(shelf, {}) ? 'yes' : 'impossible')}
        >
          Yes, remember
        </button>
        <button type="button" className={linkClass} onClick={() => setAnswer('no')}>
          No
        </button>
      </p>
    )
  }
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2">
      {wentOn === null ? (
        'Where you stop is remembered on this device only.'
      ) : (
        <>
          Going on from {clock(wentOn)}.
          <button
            type="button"
            className={linkClass}
            onClick={() => {
              if (video) video.currentTime = 0
              setWentOn(null)
            }}
          >
            From the beginning
          </button>
        </>
      )}
      <button
        type="button"
        className={linkClass}
        onClick={() => {
          forgetPlaces(shelf)
          setWentOn(null)
          setAnswer('no')
        }}
      >
        Forget
      </button>
    </p>
  )
}

/** Where nobody is asked, what an earlier yes left on this device goes too. */
export function NothingRemembered(): null {
  useEffect(() => forgetPlaces(shelf), [])
  return null
}

/** Jumps to the place once the video knows its length. */
function useGoOn(
  token: string,
  video: HTMLVideoElement | null,
  duration: number | null,
  onWentOn: (seconds: number) => void,
): void {
  const told = useRef(onWentOn)
  told.current = onWentOn
  useEffect(() => {
    const places = readPlaces(shelf)
    if (!video || !places) return
    const abort = new AbortController()
    void placeOf(token).then((place) => {
      const seconds = goOnAt(places[place]?.seconds, duration)
      if (seconds === null || abort.signal.aborted) return
      const go = () => {
        video.currentTime = seconds
        told.current(seconds)
      }
      if (video.readyState > 0) go()
      else video.addEventListener('loadedmetadata', go, { once: true, signal: abort.signal })
    })
    return () => abort.abort()
  }, [token, video, duration])
}

/** Keeps the place every few seconds, at a pause and when the page goes. */
function useKeepPlace(token: string, video: HTMLVideoElement | null, wanted: boolean): void {
  useEffect(() => {
    if (!video || !wanted) return
    let place = ''
    void placeOf(token).then((name) => {
      place = name
    })
    const keep = () => {
      // Taken back in another tab meanwhile: nothing is kept.
      const places: Places | null = readPlaces(shelf)
      if (place === '' || !places || video.readyState === 0) return
      writePlaces(shelf, { ...places, [place]: { seconds: Math.floor(video.currentTime), at: Date.now() } })
    }
    const timer = setInterval(() => !video.paused && keep(), KEEP_EVERY_MS)
    for (const name of ['pause', 'seeked']) video.addEventListener(name, keep)
    addEventListener('pagehide', keep)
    return () => {
      clearInterval(timer)
      for (const name of ['pause', 'seeked']) video.removeEventListener(name, keep)
      removeEventListener('pagehide', keep)
    }
  }, [token, video, wanted])
}
