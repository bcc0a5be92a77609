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
const SAMPLE_MS = 100
/** A sample that comes later than this was not taken in time: whatever is longer, the browser itself stood still. */
const LATE_MS = 150

/** From when to when the browser itself stood still. */
type Standstill = [from: number, to: number]
type Monitor = Watched & { stillMs: number; standstills: Standstill[] }
type Watching = Window & { watched?: Monitor }

/**
 * Begins to watch the player of this page: ten samples a second, and the moment in which the video leaves the page.
 * Short clips are repeated. Time in which no sample was taken, because the machine stood still, is no stall of the
 * player. Resolves once the picture moves.
 */
export async function watchPlayer(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>('hls-video')
    return video !== null && video.currentTime > 0.2 && !video.paused
  })
  await page.evaluate(watchInPage, { stallMs: STALL_MS, sampleMs: SAMPLE_MS, lateMs: LATE_MS })
}

/** Runs in the page. */
function watchInPage({ stallMs, sampleMs, lateMs }: { stallMs: number; sampleMs: number; lateMs: number }) {
  const video = document.querySelector('hls-video') as HTMLVideoElement
  video.loop = true
  const watched: Monitor = {
    longestStallMs: 0,
    stalls: 0,
    playedSeconds: 0,
    blackAt: null,
    stillMs: 0,
    standstills: [],
  }
  ;(window as Watching).watched = watched
  let at = video.currentTime
  let sampledAt = Date.now()
  /** The time since the last sample, as far as it was not stood still. */
  const pass = () => {
    const gap = Date.now() - sampledAt
    if (gap > lateMs) watched.standstills.push([sampledAt + lateMs, sampledAt + gap])
    sampledAt += gap
    return Math.min(gap, lateMs)
  }
  const timer = setInterval(() => {
    const passed = pass()
    const now = video.currentTime
    if (now > at) watched.playedSeconds += now - at
    if (now === at) {
      watched.stillMs += passed
      watched.longestStallMs = Math.max(watched.longestStallMs, watched.stillMs)
    } else {
      if (watched.stillMs >= stallMs) watched.stalls += 1
      watched.stillMs = 0
    }
    at = now
  }, sampleMs)
  new MutationObserver((_, observer) => {
    if (document.querySelector('hls-video')) return
    pass()
    watched.blackAt = Date.now()
    watched.stillMs = 0
    clearInterval(timer)
    observer.disconnect()
  }).observe(document.body, { childList: true, subtree: true })
}

/** What has been seen so far. A stall that lasts counts too. */
export async function seenSoFar(page: Page): Promise<Watched> {
  return await page.evaluate((stallMs) => {
    const { stillMs, standstills: _, ...watched } = (window as Watching).watched as Monitor
    return { ...watched, stalls: watched.stalls + (stillMs >= stallMs ? 1 : 0) }
  }, STALL_MS)
}

/**
 * Milliseconds from that moment until the picture was black, once it is; null until then. What the browser itself stood
 * still meanwhile is left out: nothing can be made black on a machine that does nothing.
 */
export async function blackAfter(page: Page, from: number): Promise<number | null> {
  return await page.evaluate((from) => {
    const { blackAt, standstills } = (window as Watching).watched as Monitor
    if (blackAt === null) return null
    return standstills.reduce(
      (ms, [began, ended]) => ms - Math.max(0, Math.min(ended, blackAt) - Math.max(began, from)),
      blackAt - from,
    )
  }, from)
}
