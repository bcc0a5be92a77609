'use client'

import { type RefObject, useEffect } from 'react'

const SHELF = 'captions'
const CHOICES = ['mediatogglesubtitlesrequest', 'mediashowsubtitlesrequest', 'mediadisablesubtitlesrequest']

const isCaption = ({ kind }: TextTrack) => kind === 'subtitles' || kind === 'captions'

/** What this viewer chose on this device: a language, or `off`; null before any choice. */
function chosen(): string | null {
  try {
    return localStorage.getItem(SHELF)
  } catch {
    return null
  }
}

function keep(choice: string): void {
  try {
    localStorage.setItem(SHELF, choice)
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** Shows the captions that the viewer chose before, once they are there, and keeps a choice when one is made. */
export function useCaptions(video: RefObject<HTMLVideoElement | null>): void {
  useEffect(() => {
    const element = video.current
    const controller = element?.parentElement
    if (!element || !controller) return
    const abort = new AbortController()
    const { signal } = abort
    const captions = () => Array.from(element.textTracks ?? []).filter(isCaption)
    const apply = () => {
      const choice = chosen()
      if (choice === null) return
      const wanted = choice === 'off' ? undefined : captions().find(({ language }) => language === choice)
      // Of another video's language there may be none here: then its own captions stay as they are.
      if (choice !== 'off' && !wanted) return
      for (const track of captions()) track.mode = track === wanted ? 'showing' : 'disabled'
    }
    const remember = () => {
      // The player changes its tracks within the event.
      setTimeout(() => {
        if (captions().length > 0) keep(captions().find(({ mode }) => mode === 'showing')?.language ?? 'off')
      })
    }
    element.textTracks?.addEventListener('addtrack', () => setTimeout(apply), { signal })
    for (const name of CHOICES) controller.addEventListener(name, remember, { signal })
    return () => abort.abort()
  }, [video])
}
