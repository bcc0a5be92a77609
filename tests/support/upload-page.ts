import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from '@playwright/test'
import { listenOnFreePort } from './listen.ts'
import { createRandom } from './random.ts'

const UPLOADER = fileURLToPath(new URL('../../portal/src/modules/uploads/ui/', import.meta.url))
const UPCHUNK = fileURLToPath(import.meta.resolve('@mux/upchunk').replace(/[^/]+$/, 'upchunk.js'))

/** Stock: as it comes. Patient: told to try again after a broken connection, as the contract says. */
export type UploaderKind = 'upchunk' | 'upchunk-stock' | 'own'

/** A page of another origin in Chromium, with UpChunk as npm has it and the portal's own uploader. */
export type UploadPage = {
  /** Sends a file of random bytes; gives what the uploader said at its end. */
  send(kind: UploaderKind, url: string, file: { seed: number; bytes: number }): Promise<string>
  close(): Promise<void>
}

/** The bytes that the page makes of a seed. */
export function fileOf({ seed, bytes }: { seed: number; bytes: number }): Buffer {
  const random = createRandom(seed)
  const words = new Uint32Array(Math.ceil(bytes / 4))
  for (let at = 0; at < words.length; at += 1) words[at] = random.below(2 ** 32)
  return Buffer.from(words.buffer).subarray(0, bytes)
}

export async function openUploadPage(browser: Browser): Promise<UploadPage> {
  const files = new Map<string, Buffer>()
  const server = createServer(async (req, res) => {
    const path = new URL(req.url ?? '/', 'http://page').pathname
    const send = (type: string, body: string | Buffer) =>
      res.writeHead(200, { 'content-type': type }).end(body)
    const stored = files.get(path)
    if (stored) return send('application/octet-stream', stored)
    if (path === '/') return send('text/html', '<!doctype html><title>Uploads</title>')
    if (path === '/upchunk.js') return send('text/javascript', await readFile(UPCHUNK))
    const name = /^\/([a-z-]+\.ts)$/.exec(path)?.[1]
    if (!name) return res.writeHead(404).end()
    // The browser's own module loader, with nothing but the types taken out.
    send('text/javascript', stripTypeScriptTypes(await readFile(UPLOADER + name, 'utf8')))
  })
  const { origin, stop } = await listenOnFreePort(server)
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(origin)
  await page.addScriptTag({ url: '/upchunk.js' })
  return {
    async send(kind, url, file) {
      const path = `/${kind}-${file.seed}`
      files.set(path, fileOf(file))
      try {
        return await (kind === 'own' ? sendOwn(page, url, path) : sendByUpChunk(page, url, path, kind))
      } finally {
        files.delete(path)
      }
    },
    async close() {
      await context.close()
      await stop()
    },
  }
}

type Sent = { on(event: string, done: (event: { detail?: { message?: string } }) => void): void }
type UpChunkGlobal = { UpChunk: { createUpload(options: object): Sent } }

function sendByUpChunk(page: Page, endpoint: string, path: string, kind: UploaderKind): Promise<string> {
  return page.evaluate(
    async ({ endpoint, path, more }) => {
      const file = new File([await (await fetch(path)).blob()], 'clip.mp4', { type: 'video/mp4' })
      const { UpChunk } = globalThis as unknown as UpChunkGlobal
      return await new Promise<string>((resolve) => {
        const upload = UpChunk.createUpload({ endpoint, file, chunkSize: 256, ...more })
        upload.on('success', () => resolve('success'))
        upload.on('error', ({ detail }) => resolve(`error: ${detail?.message}`))
      })
    },
    {
      endpoint,
      path,
      more:
        kind === 'upchunk'
          ? { retryCodes: [0, 408, 429, 500, 502, 503, 504], attempts: 1000, delayBeforeAttempt: 0.02 }
          : {},
    },
  )
}

function sendOwn(page: Page, url: string, path: string): Promise<string> {
  return page.evaluate(
    async ({ url, path }) => {
      const file = await (await fetch(path)).blob()
      const { Uploader } = await import(`${location.origin}/uploader.ts`)
      const { browserWorld } = await import(`${location.origin}/upload-world.ts`)
      // Waits between tries are shortened, so that a thousand of them fit in minutes.
      const wait = (ms: number, signal: AbortSignal) => browserWorld.wait(ms / 50, signal)
      return await new Promise<string>((resolve) => {
        const onProgress = ({ phase, error }: { phase: string; error: string | null }) => {
          if (phase === 'done') resolve('success')
          if (phase === 'failed') resolve(`error: ${error}`)
        }
        new Uploader({ url, file, onProgress }, { wait }).start()
      })
    },
    { url, path },
  )
}
