import type { Page } from '@playwright/test'

/** How playback went in a page: times are the page's clock (epoch milliseconds), media time is in seconds. */
export type Watched = {
  /** Longest time that the picture stood still though it should have moved, in milliseconds. */
  longestStallMs: number
  stalls: number
  /** Media seconds played, over repetitions. */
  playedSeconds: number
  /** When the video element was taken out of the page, or null. */
  blackAt: number | null
}

const STALL_MS = 300

type Monitor = Watched & { stillSince: number | null }
type Watching = Window & { watched?: Monitor }

/**
 * Begins to watch the player of this page: ten samples a second, and the moment in which the video leaves the page.
 * Short clips are repeated. Resolves once the picture moves.
 */
export async function watchPlayer(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>('hls-video')
    return video !== null && video.currentTime > 0.2 && !video.paused
  })
  await page.evaluate((stallMs) => {
    const video = document.querySelector('hls-video') as HTMLVideoElement
    video.loop = true
    const watched: Monitor = {
      longestStallMs: 0,
      stalls: 0,
      playedSeconds: 0,
      blackAt: null,
      stillSince: null,
    }
    ;(window as Watching).watched = watched
    let at = video.currentTime
    const timer = setInterval(() => {
      const now = video.currentTime
      const moved = now !== at
      if (now > at) watched.playedSeconds += now - at
      at = now
      const stillFor = watched.stillSince === null ? 0 : Date.now() - watched.stillSince
      if (moved) {
        if (stillFor >= stallMs) watched.stalls += 1
        watched.longestStallMs = Math.max(watched.longestStallMs, stillFor)
        watched.stillSince = null
      } else watched.stillSince ??= Date.now()
    }, 100)
    new MutationObserver((_, observer) => {
      if (document.querySelector('hls-video')) return
      watched.blackAt = Date.now()
      clearInterval(timer)
      observer.disconnect()
    }).observe(document.body, { childList: true, subtree: true })
  }, STALL_MS)
}

/** What has been seen so far. A stall that lasts counts too. */
export async function seenSoFar(page: Page): Promise<Watched> {
  return await page.evaluate((stallMs) => {
    const { stillSince, ...watched } = (window as Watching).watched as Monitor
    const stillFor = stillSince === null || watched.blackAt !== null ? 0 : Date.now() - stillSince
    return {
      ...watched,
      stalls: watched.stalls + (stillFor >= stallMs ? 1 : 0),
      longestStallMs: Math.max(watched.longestStallMs, stillFor),
    }
  }, STALL_MS)
}
