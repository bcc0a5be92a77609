'use client'

import { type RefObject, useEffect, useRef } from 'react'
import { actOfKey, isTakenBy, nextSpeed, type PlayerAct } from './player-keys.ts'

function perform(video: HTMLVideoElement, act: PlayerAct, onHelp: () => void): void {
  const press = (part: string) => video.parentElement?.querySelector<HTMLElement>(part)?.click()
  const ask = (name: string) =>
    video.parentElement?.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }))
  const length = video.duration || 0
  if (act.act === 'toggle') void (video.paused ? video.play().catch(() => {}) : video.pause())
  if (act.act === 'seek') video.currentTime = Math.max(0, Math.min(length, video.currentTime + act.seconds))
  if (act.act === 'jump') video.currentTime = length * act.fraction
  if (act.act === 'volume') video.volume = Math.max(0, Math.min(1, video.volume + act.step))
  if (act.act === 'speed') video.playbackRate = nextSpeed(video.playbackRate, act.step)
  if (act.act === 'mute') video.muted = !video.muted
  if (act.act === 'fullscreen') press('media-fullscreen-button')
  if (act.act === 'captions') ask('mediatogglesubtitlesrequest')
  if (act.act === 'help') onHelp()
}

/** The player's keys work on the whole page, except where the focused part needs them itself. */
export function usePlayerKeys(video: RefObject<HTMLVideoElement | null>, onHelp: () => void): void {
  const help = useRef(onHelp)
  help.current = onHelp
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = actOfKey(event)
      const element = video.current
      if (!act || !element?.isConnected || event.defaultPrevented) return
      if (act.act !== 'help' && isTakenBy(event.composedPath(), event.key)) return
      if (act.act === 'help' && isTakenBy(event.composedPath().slice(0, 1), event.key)) return
      event.preventDefault()
      perform(element, act, () => help.current())
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [video])
}
