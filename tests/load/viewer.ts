import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from '@playwright/test'
import { build } from 'vite'
import { launchBrowser, watchPage } from '../support/browser.ts'
import { setScene, shareByLink } from '../support/ready-video.ts'
import { startStack } from '../support/stack.ts'
import { type BenchResult, percentiles } from './bench.ts'

const VISITS = 12
const SIZE_BAR = 1.15
const LCP_BAR_MS = 1500

type Visit = { bytes: number; fonts: number; lcpMs: number; playingMs: number; foreign: number }

/**
 * What a guest's browser loads from the first look at a link to the moving picture: document, scripts and styles, each
 * as gzip makes it, against hls.js and media-chrome alone, bundled in the same run; and the largest contentful paint of
 * first visits with an empty cache.
 */
export async function run(): Promise<BenchResult> {
  const floor = await playerAlone()
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  const browser = await launchBrowser()
  try {
    const clip = { seconds: 6, width: 640, height: 360 }
    const { agency, videoId } = await setScene(stack, clip, { complete: true })
    const { token } = await shareByLink(agency, videoId)
    await visit(browser, `${stack.url}/s/${token}`)
    const visits: Visit[] = []
    for (let n = 0; n < VISITS; n += 1) visits.push(await visit(browser, `${stack.url}/s/${token}`))
    const lcp = percentiles(visits.map(({ lcpMs }) => lcpMs))
    const bytes = Math.max(...visits.map((each) => each.bytes))
    return {
      ours: bytes / 1000,
      floor: floor / 1000,
      ratio: bytes / floor,
      ...lcp,
      unit: 'kB of gzip until the picture moves',
      bar: `at most ${SIZE_BAR} of the player alone, LCP under ${LCP_BAR_MS} ms`,
      holds:
        bytes / floor <= SIZE_BAR && lcp.p95 < LCP_BAR_MS && visits.every(({ foreign }) => foreign === 0),
      notes: {
        'fonts, kB': (visits[0]?.fonts ?? 0) / 1000,
        'press to picture p95, ms': percentiles(visits.map(({ playingMs }) => playingMs)).p95,
        'requests elsewhere': visits.reduce((sum, { foreign }) => sum + foreign, 0),
        visits: VISITS,
      },
    }
  } finally {
    await browser.close()
    await stack.stop()
  }
}

/** Bytes of gzip of hls.js and all of media-chrome in one minified script. */
async function playerAlone(): Promise<number> {
  const entry = '\0player-alone'
  const { output } = await bundle(
    entry,
    "import Hls from 'hls.js'; import 'media-chrome'; globalThis.Hls = Hls",
  )
  return output.reduce((sum, part) => sum + (part.type === 'chunk' ? gzipSync(part.code).length : 0), 0)
}

async function bundle(entry: string, code: string) {
  const result = await build({
    configFile: false,
    root: fileURLToPath(new URL('../../portal', import.meta.url)),
    logLevel: 'silent',
    plugins: [
      {
        name: 'player-alone',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
    build: { write: false, target: 'es2022', rolldownOptions: { input: entry } },
  })
  const [first] = [result].flat()
  if (!first || !('output' in first)) throw new Error('the player could not be bundled')
  return first
}

/** One first visit: opens the link, presses Watch, and waits until the picture moves. */
async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  try {
    const page = await context.newPage()
    const { foreign } = watchPage(page, new URL(url).origin)
    const sizes = watchSizes(page)
    await page.goto(url)
    const watch = page.getByRole('button', { name: 'Watch' })
    await watch.waitFor()
    const lcpMs = await largestPaint(page)
    const pressed = performance.now()
    await watch.click()
    await page.waitForFunction(() => {
      const video = document.querySelector('hls-video') as unknown as HTMLVideoElement | null
      return (video?.currentTime ?? 0) > 0
    })
    const playingMs = performance.now() - pressed
    return { ...(await sizes()), lcpMs, playingMs, foreign: foreign.length }
  } finally {
    await context.close()
  }
}

async function largestPaint(page: Page): Promise<number> {
  return await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe(
          {
            type: 'largest-contentful-paint',
            buffered: true,
          },
        )
      }),
  )
}

/** Sizes as gzip makes them, whatever coding was sent, so that both sides are weighed alike. */
function watchSizes(page: Page): () => Promise<{ bytes: number; fonts: number }> {
  const parts: Promise<{ kind: string; bytes: number }>[] = []
  page.on('response', (response) => {
    const kind = response.request().resourceType()
    if (!['document', 'script', 'stylesheet', 'font'].includes(kind)) return
    const size = response.body().then((body) => (kind === 'font' ? body.length : gzipSync(body).length))
    parts.push(size.then((bytes) => ({ kind, bytes })))
  })
  return async () => {
    const all = await Promise.all(parts)
    const sum = (wanted: boolean) =>
      all.filter(({ kind }) => (kind === 'font') === wanted).reduce((total, { bytes }) => total + bytes, 0)
    return { bytes: sum(false), fonts: sum(true) }
  }
}
