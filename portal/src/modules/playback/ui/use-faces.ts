'use client'

import { useEffect, useState } from 'react'
import type { HlsVideo } from './player-watch.ts'

/** What stands on the buttons for speed and quality; their names come from media-chrome. */
export function useFaces(video: HlsVideo | null): { rate: number; quality: string } {
  const [rate, setRate] = useState(1)
  const [quality, setQuality] = useState('Auto')
  useEffect(() => {
    if (!video) return
    const look = () => {
      setRate(video.playbackRate || 1)
      const lines = Math.min(video.videoWidth, video.videoHeight)
      const words = [video.api?.autoLevelEnabled === false ? '' : 'Auto', lines > 0 ? `${lines}p` : '']
      setQuality(words.filter(Boolean).join(' ') || 'Auto')
    }
    look()
    // `resize`: another rung is shown. A choice of the same rung changes no picture: `progress` sees it.
    const events = ['ratechange', 'resize', 'loadedmetadata', 'progress']
    for (const name of events) video.addEventListener(name, look)
    return () => {
      for (const name of events) video.removeEventListener(name, look)
    }
  }, [video])
  return { rate, quality }
}
