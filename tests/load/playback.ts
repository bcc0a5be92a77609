// Three hours of a film under tokens of 300 s: no stall, no visible reload, through an hour's pause and two network
// losses. What is moved, and what is not:
//
// - All clocks go sixteen times as fast as the machine's, in step: the portal's and the engine's (what they decide,
//   sign, compare and say in Date headers), and the page's (Date, performance.now, every timer). Sixteen is the
//   fastest that Chromium plays, so the media goes by the same clock: a film of three hours is really fetched, decoded
//   and played from its first second to its last, without a seek. Tokens live 300 s on every clock and end on every clock.
// - During the pause nothing plays, and the clocks go 240 times as fast: an hour in fifteen seconds, in which every
//   timer of the page still fires at its time.
// - Not moved: Postgres' now(), by which only the queue goes; the network and the processors, which are therefore
//   sixteen times as slow by the page's clock. That makes the run harder than real life, never easier.
// - The player's buffer is held at two minutes, what hls.js holds of some 4 Mbit/s; the small test film would let it
//   buffer ten, and hide what it should show. The film has no sound: Chromium is silent at this speed anyway.
// - A stall is a picture that stands still for want of media: a `waiting` event, or 1.5 s without movement by the
//   page's clock, with less than a second at hand. At sixteen times the speed a busy processor lets the decoder run dry
//   for some real milliseconds with minutes of media at hand. No token and no line has a part in that: such standstills
//   are told beside, with the longest; past two real seconds nobody would believe in the decoder, and they are stalls.
//
// `--minutes=N` plays a film of N minutes, for trying; the bar is for 180.
import type { BrowserContext, Page } from '@playwright/test'
import { launchBrowser } from '../support/browser.ts'
import { setScene, shareByLink } from '../support/ready-video.ts'
import { type BenchResult, percentiles } from './bench.ts'
import {
  createMovedClock,
  MOST_RATE,
  type MovedClock,
  movePageClock,
  type PageClock,
} from './workers/moved-clock.ts'
import { startMovedPortal } from './workers/moved-portal.ts'

const FULL_MINUTES = 180
const PAUSE_SECONDS = 3600
const PAUSE_SPEED = 240
const BUFFER_SECONDS = 120
// Shorter than the buffer, and long enough for a renewal to fall due meanwhile.
const LOSSES_SECONDS = [60, 100]
/** A picture that stands still for this long by the page's clock is a stall, whatever the events say. */
const STILL_MS = 1500
/** With media at hand, by the page's clock: two seconds of the machine's. */
const DRY_MS = 2000 * MOST_RATE
const PROGRESS_MS = 30_000

type Seen = {
  at: number
  ended: boolean
  /** With nothing to play at hand. */
  stalls: number
  /** With media at hand: the decoder's. */
  dry: number
  longestMs: number
  loads: number
}
type Watching = PageClock & { seen: Seen; paused: boolean }

/** @throws Error where the film does not reach its end in twice its time */
export async function run(): Promise<BenchResult> {
  const minutes = Number(process.argv.find((arg) => arg.startsWith('--minutes='))?.slice(10) ?? FULL_MINUTES)
  const clock = createMovedClock()
  const portal = await startMovedPortal(clock)
  const browser = await launchBrowser()
  try {
    const clip = { seconds: minutes * 60, width: 160, height: 90, rate: 5, audio: 'none' as const }
    const { agency, videoId } = await setScene(portal, clip, { complete: true })
    const { token } = await shareByLink(agency, videoId)
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    const counts = countRequests(page, token)
    await page.addInitScript(movePageClock, MOST_RATE)
    const began = performance.now()
    const clockBegan = clock.now()
    await begin(page, `${portal.url}/s/${token}`)
    const film = minutes * 60
    await setSpeed(page, clock, MOST_RATE)
    await lose(page, context, clock, film * 0.2, LOSSES_SECONDS[0] as number)
    await pause(page, clock, film * 0.45)
    await lose(page, context, clock, film * 0.7, LOSSES_SECONDS[1] as number)
    const seen = await until(page, clock, film - 1, film)
    return judge({
      seen,
      film,
      minutes,
      ...counts,
      realMs: performance.now() - began,
      clockMs: clock.now() - clockBegan,
    })
  } finally {
    await browser.close()
    await portal.stop()
  }
}

type Counts = { renewalsMs: number[]; refusals: number; navigations: number }

function countRequests(page: Page, token: string): Counts {
  const counts: Counts = { renewalsMs: [], refusals: 0, navigations: -1 }
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) counts.navigations += 1
  })
  page.on('response', (response) => {
    if (response.status() === 403) counts.refusals += 1
  })
  page.on('requestfinished', (request) => {
    if (request.method() !== 'POST' || !request.url().endsWith(`/api/share/${token}`)) return
    const { responseEnd } = request.timing()
    counts.renewalsMs.push(responseEnd)
  })
  return counts
}

/** Presses Watch and waits for the picture to move; from then on everything counts. */
async function begin(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: /^Watch/ }).click()
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>('hls-video')
    return video !== null && video.currentTime > 0.5 && !video.paused
  })
  await page.evaluate(watch, { stillMs: STILL_MS, dryMs: DRY_MS, bufferSeconds: BUFFER_SECONDS })
}

/** Runs in the page. */
function watch({
  stillMs,
  dryMs,
  bufferSeconds,
}: Record<'stillMs' | 'dryMs' | 'bufferSeconds', number>): void {
  type Player = HTMLVideoElement & {
    api: { config: { maxBufferLength: number; maxMaxBufferLength: number } }
  }
  const player = document.querySelector('hls-video') as Player
  const video = player.shadowRoot?.querySelector('video') as HTMLVideoElement
  Object.assign(player.api.config, { maxBufferLength: bufferSeconds, maxMaxBufferLength: bufferSeconds })
  const seen: Seen = {
    at: 0,
    ended: false,
    stalls: 0,
    dry: 0,
    longestMs: 0,
    loads: 0,
  }
  Object.assign(window, { seen })
  for (const name of ['emptied', 'loadstart'] as const) {
    video.addEventListener(name, () => {
      seen.loads += 1
    })
  }
  const hasMedia = () => {
    const { buffered, currentTime, duration } = video
    const here = Array.from({ length: buffered.length }, (_, n) => n).find(
      (n) => buffered.start(n) <= currentTime + 0.1 && buffered.end(n) > currentTime,
    )
    return here !== undefined && buffered.end(here) - currentTime >= Math.min(1, duration - currentTime - 0.5)
  }
  let movedAt = performance.now()
  let still: 'stall' | 'dry' | null = null
  const stands = () => {
    // What begins with media at hand and goes on without is a stall.
    const now = hasMedia() && performance.now() - movedAt < dryMs ? 'dry' : 'stall'
    if (still === now || still === 'stall') return
    if (now === 'dry') seen.dry += 1
    else seen.stalls += 1
    still = now
  }
  video.addEventListener('waiting', stands)
  video.addEventListener('ended', () => {
    seen.ended = true
  })
  setInterval(() => {
    const now = performance.now()
    if (video.currentTime !== seen.at || video.paused || video.ended) {
      if (still !== null) seen.longestMs = Math.max(seen.longestMs, now - movedAt)
      movedAt = now
      still = null
    } else if (still !== null || now - movedAt >= stillMs) stands()
    seen.at = video.currentTime
  }, 500)
}

async function setSpeed(page: Page, clock: MovedClock, speed: number): Promise<void> {
  clock.setSpeed(speed)
  await page.evaluate(
    ([now, next]) => (window as unknown as PageClock).moveClock(now as number, next as number),
    [clock.now(), speed],
  )
}

/** Waits for this second of the film. */
async function until(page: Page, clock: MovedClock, second: number, film: number): Promise<Seen> {
  const deadline = clock.now() + (2 * film + 600) * 1000
  let toldAt = performance.now()
  for (;;) {
    const seen = await page.evaluate(() => ({ ...(window as unknown as Watching).seen }))
    if (performance.now() - toldAt >= PROGRESS_MS) {
      toldAt = performance.now()
      process.stderr.write(
        `film at ${seen.at.toFixed(0)} s, stalls ${seen.stalls}, reloads ${seen.loads}, standstills of the decoder ${seen.dry}\n`,
      )
    }
    if (seen.at >= second || seen.ended) return seen
    if (clock.now() > deadline)
      throw new Error(`the film stood at ${seen.at.toFixed(0)} s, not at ${second} s`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const wait = (clock: MovedClock, seconds: number) =>
  new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / clock.speed()))

async function lose(page: Page, context: BrowserContext, clock: MovedClock, at: number, seconds: number) {
  await until(page, clock, at, at)
  await context.setOffline(true)
  await wait(clock, seconds)
  await context.setOffline(false)
}

async function pause(page: Page, clock: MovedClock, at: number): Promise<void> {
  await until(page, clock, at, at)
  await page.evaluate(() => document.querySelector<HTMLVideoElement>('hls-video')?.pause())
  await setSpeed(page, clock, PAUSE_SPEED)
  await wait(clock, PAUSE_SECONDS)
  await setSpeed(page, clock, MOST_RATE)
  await page.evaluate(() => document.querySelector<HTMLVideoElement>('hls-video')?.play())
}

type Outcome = Counts & { seen: Seen; film: number; minutes: number; realMs: number; clockMs: number }

function judge({
  seen,
  film,
  minutes,
  renewalsMs,
  refusals,
  navigations,
  realMs,
  clockMs,
}: Outcome): BenchResult {
  const { stalls } = seen
  const reloads = navigations + seen.loads
  const renewals = renewalsMs.length - 1
  // Every token is renewed after 51 to 60 % of its life.
  const fewest = Math.floor(clockMs / 1000 / 180) - LOSSES_SECONDS.length
  return {
    ours: stalls,
    floor: null,
    ratio: null,
    ...percentiles(renewalsMs.slice(1)),
    unit: 'stalls (and milliseconds of a renewal)',
    bar: `0 stalls and 0 reloads over ${minutes} minutes of film, an hour's pause and ${LOSSES_SECONDS.length} network losses`,
    holds: stalls === 0 && reloads === 0 && renewals >= fewest && seen.at >= film - 2,
    notes: {
      stalls,
      reloads,
      renewals,
      'renewals, at least': fewest,
      'standstills of the decoder, media at hand': seen.dry,
      'the longest of them, ms by the page’s clock': seen.longestMs,
      'requests refused': refusals,
      'film played, s': seen.at,
      'clock moved, s': clockMs / 1000,
      'took, s': realMs / 1000,
    },
  }
}
