import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from '@playwright/test'
import { launchBrowser } from './browser.ts'
import { listenOnFreePort } from './listen.ts'

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url))
const IMPORTS = {
  'hls-video-element': '/hls-video-element/dist/hls-video-element.js',
  'custom-media-element': '/custom-media-element/dist/custom-media-element.js',
  'media-tracks': '/media-tracks/dist/index.js',
  'hls.js/dist/hls.mjs': '/hls.js/dist/hls.mjs',
}
const PAGE = `<!doctype html><meta charset="utf-8"><title>player</title>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module">import 'hls-video-element'</script>
<hls-video id="player" muted></hls-video>`

/** What a player did with a playlist. */
export type Watched = {
  /** Media time and seconds since the start, each time something moved. */
  times: [media: number, wall: number][]
  /** Where playback began, and null while it has not ended. */
  began: number | null
  ended: number | null
  duration: number
  /** Ranges at hand. */
  buffered: [number, number][]
  /** Errors that hls.js could not get over. */
  fatal: string[]
  cues: { start: number; end: number; text: string }[]
}

export type Player = {
  page: Page
  /** Plays a master playlist with hls-video-element and hls.js as they are. */
  play(url: string, options?: { rate?: number; text?: boolean }): Promise<void>
  watched(): Promise<Watched>
  stop(): Promise<void>
}

/** A browser with the player of the portal's pages, without a portal. */
export async function startPlayer(): Promise<Player> {
  const server = createServer(async (req, res) => {
    const path = decodeURIComponent(new URL(req.url ?? '/', 'http://localhost').pathname)
    const file = path === '/' ? null : await readFile(join(MODULES, path)).catch(() => null)
    if (path === '/') res.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
    else if (file) res.writeHead(200, { 'content-type': 'text/javascript' }).end(file)
    else res.writeHead(404).end()
  })
  const { origin, stop } = await listenOnFreePort(server)
  const browser: Browser = await launchBrowser()
  const page = await browser.newPage()
  return {
    page,
    async play(url, { rate = 1, text = false } = {}) {
      await page.goto(origin)
      await page.evaluate(startInPage, { url, rate, text })
    },
    watched: () => page.evaluate(() => (window as unknown as { watched(): Watched }).watched()),
    async stop() {
      await browser.close()
      await stop()
    },
  }
}

/** Runs in the page. */
async function startInPage({ url, rate, text }: { url: string; rate: number; text: boolean }) {
  await customElements.whenDefined('hls-video')
  const player = document.getElementById('player') as HTMLVideoElement & {
    api: {
      on(event: string, listener: (event: string, data: { fatal: boolean; details: string }) => void): void
    }
  }
  const state = {
    times: [] as [number, number][],
    ended: null as number | null,
  }
  const fatal: string[] = []
  const start = performance.now()
  const note = () => {
    const last = state.times.at(-1)
    if (last?.[0] !== player.currentTime)
      state.times.push([player.currentTime, (performance.now() - start) / 1000])
  }
  player.addEventListener('timeupdate', note)
  player.addEventListener('ended', () => {
    state.ended = player.currentTime
  })
  player.addEventListener('loadedmetadata', () => {
    player.playbackRate = rate
    if (text) for (const track of player.textTracks) track.mode = 'showing'
    void player.play()
  })
  Object.assign(window, {
    watched: () => ({
      ...state,
      // Asked of what was played: an event may come a good while later, and at speed that is seconds of the film.
      began: player.played.length > 0 ? player.played.start(0) : null,
      duration: player.duration,
      buffered: Array.from({ length: player.buffered.length }, (_, index) => [
        player.buffered.start(index),
        player.buffered.end(index),
      ]),
      fatal,
      cues: Array.from(player.textTracks).flatMap((track) =>
        Array.from(track.cues ?? []).map((cue) => ({
          start: cue.startTime,
          end: cue.endTime,
          text: (cue as VTTCue).text,
        })),
      ),
    }),
  })
  player.src = url
  const wait = setInterval(() => {
    if (!player.api) return
    clearInterval(wait)
    player.api.on('hlsError', (_event, data) => {
      if (data.fatal) fatal.push(data.details)
    })
  }, 1)
}
