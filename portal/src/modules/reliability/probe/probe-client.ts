import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const CALL_MS = 10_000
const EVERY_MS = { engine: 20, mux: 1000 } as const

/** A viewer without a browser: begins a view, finds a segment, listens for the stop, asks for media again and again. */
export type ProbeViewer = {
  /** Resolves once the event stream says that the view must stop. */
  stopped: Promise<void>
  /** Whether a segment asked for now is served. */
  isServed(): Promise<boolean>
  /** Asks until a request is refused, or `giveUp` resolves; gives when the last served request began, or null. */
  askUntilRefused(now: () => number, giveUp: Promise<unknown>): { lastServedAt: Promise<number | null> }
  /** Status of asking for another token. */
  renew(): Promise<number>
  close(): void
}

const grant = z.looseObject({ playbackUrl: z.url() })

/**
 * Begins a view over HTTP, as a browser would. `portal` is the origin that is asked; the engine's media is asked for
 * there too, since the public one may not be reachable from here.
 * @throws Error in one sentence where something on the way was not as it should be
 */
export async function beginProbeView(options: {
  portal: string
  token: string
  provider: 'engine' | 'mux'
}): Promise<ProbeViewer> {
  const { portal, token, provider } = options
  const place = `${portal}/api/share/${token}`
  const first = await fetch(place, { method: 'POST', signal: AbortSignal.timeout(CALL_MS) })
  if (!first.ok) throw new Error(`Beginning a view was answered ${first.status}.`)
  const cookie = first.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  const here = (url: string, base?: string) => {
    const absolute = new URL(url, base)
    return provider === 'engine' ? `${portal}${absolute.pathname}${absolute.search}` : absolute.href
  }
  const master = here(grant.parse(await first.json()).playbackUrl)
  const rendition = here(firstUri(await text(master, cookie), 'The master playlist'), master)
  const segment = here(firstUri(await text(rendition, cookie), 'A rendition playlist'), rendition)
  const isServed = async () => {
    const answer = await fetch(segment, { headers: { cookie }, signal: AbortSignal.timeout(CALL_MS) })
    await answer.arrayBuffer()
    if (answer.ok) return true
    if (answer.status === 403 || answer.status === 404 || answer.status === 410) return false
    throw new Error(`A segment was answered ${answer.status}.`)
  }
  if (!(await isServed())) throw new Error('A segment was refused before the revoke.')
  const events = await openEvents(`${place}/events`, cookie)
  return {
    stopped: events.stopped,
    isServed,
    askUntilRefused(now, giveUp) {
      let over = false
      void giveUp.finally(() => {
        over = true
      })
      const run = async (): Promise<number | null> => {
        for (let last = now(); !over; ) {
          const began = now()
          if (!(await isServed())) return last
          last = began
          await delay(EVERY_MS[provider])
        }
        return null
      }
      return { lastServedAt: run() }
    },
    async renew() {
      const answer = await fetch(place, {
        method: 'POST',
        headers: { cookie },
        signal: AbortSignal.timeout(CALL_MS),
      })
      await answer.arrayBuffer()
      return answer.status
    },
    close: events.close,
  }
}

async function text(url: string, cookie: string): Promise<string> {
  const answer = await fetch(url, { headers: { cookie }, signal: AbortSignal.timeout(CALL_MS) })
  if (!answer.ok) throw new Error(`A playlist was answered ${answer.status}.`)
  return await answer.text()
}

function firstUri(playlist: string, name: string): string {
  const uri = playlist.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'))
  if (!uri) throw new Error(`${name} is empty.`)
  return uri.trim()
}

/** The view's event stream, open and listening. */
async function openEvents(url: string, cookie: string) {
  const abort = new AbortController()
  const answer = await fetch(url, { headers: { cookie }, signal: abort.signal })
  if (!answer.ok || !answer.body) throw new Error(`The event stream was answered ${answer.status}.`)
  const watching = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const read = async (body: NonNullable<Response['body']>) => {
    let seen = ''
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      seen = (seen + part).slice(-4000)
      if (seen.includes('event: watching')) watching.resolve()
      if (seen.includes('event: stopped')) return stopped.resolve()
    }
    throw new Error('The event stream ended without a word.')
  }
  read(answer.body).catch((error: unknown) => {
    watching.reject(error)
    stopped.reject(error)
  })
  // Awaited later, or never where something else failed first.
  stopped.promise.catch(() => {})
  await Promise.race([
    watching.promise,
    delay(CALL_MS).then(() => Promise.reject(new Error('The event stream is silent.'))),
  ])
  return { stopped: stopped.promise, close: () => abort.abort() }
}
