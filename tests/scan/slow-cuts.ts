import { connect, type Socket } from 'node:net'
import { until } from '../support/until.ts'

/** Longest time until the server ends what is too slow. Uploads: two windows of the engine's; readers: 30 s and what they took. */
export const BOUNDS_MS = {
  headers: 10_000,
  body: 11_000,
  'upload below its least rate': 42_000,
  readers: 60_000,
}
export type Cut = { what: string; ms: number | null; boundMs: number }

/** Clients of our own, which know the moment at which they are ended. */
export async function measureCuts(origin: string, uploadUrl: string | null): Promise<Cut[]> {
  const { host } = new URL(origin)
  const post = (path: string, type: string, method = 'POST') =>
    `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: ${type}\r\ncontent-length: 5000\r\n\r\n`
  const cases: [keyof typeof BOUNDS_MS, string, string][] = [
    ['headers', `GET / HTTP/1.1\r\nhost: ${host}\r\n`, 'x-a: b\r\n'],
    ['body', post('/api/auth/sign-in/email', 'application/json'), ' '],
  ]
  if (uploadUrl) {
    const { pathname } = new URL(uploadUrl)
    cases.push(['upload below its least rate', post(pathname, 'video/mp4', 'PUT'), 'x'])
  }
  return await Promise.all(
    cases.map(async ([what, head, drip]) => ({
      what: `slow ${what}`,
      boundMs: BOUNDS_MS[what],
      ms: await untilEnded(origin, head, drip, BOUNDS_MS[what] + 10_000),
    })),
  )
}

function untilEnded(origin: string, head: string, drip: string, deadlineMs: number): Promise<number | null> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve) => {
    const began = performance.now()
    const socket = connect(Number(port || 80), hostname)
    const timers = [
      setInterval(() => socket.writable && socket.write(drip), 1000),
      setTimeout(() => end(null), deadlineMs),
    ]
    const end = (ms: number | null) => {
      for (const timer of timers) clearTimeout(timer)
      socket.destroy()
      resolve(ms)
    }
    socket.on('error', () => undefined)
    socket.resume().once('end', () => end(performance.now() - began))
    socket.once('close', () => end(performance.now() - began))
    socket.write(head)
  })
}

const READERS = 20
/** More than the buffers of both systems hold: what lies there costs the portal nothing, and it can't tell it from read. */
const FILES_EACH = 80

/**
 * Readers who ask for the largest file of the pages some times over and take nothing of it, until the portal has counted
 * that it ended them all.
 */
export async function measureReaders(origin: string, metricsToken: string): Promise<Cut> {
  const { hostname, port, host } = new URL(origin)
  const file = await largestFile(origin)
  const request = `GET ${file} HTTP/1.1\r\nhost: ${host}\r\n\r\n`.repeat(FILES_EACH)
  const endedBefore = await endedReaders(origin, metricsToken)
  const began = performance.now()
  const sockets: Socket[] = Array.from({ length: READERS }, () => {
    const socket = connect(Number(port || 80), hostname, () => socket.write(request))
    return socket.on('error', () => undefined).pause()
  })
  const boundMs = BOUNDS_MS.readers
  try {
    const all = async () => (await endedReaders(origin, metricsToken)) - endedBefore >= READERS
    const ended = await until('the readers to be ended', all, boundMs + 10_000, 1000).catch(() => false)
    return { what: `${READERS} slow readers`, boundMs, ms: ended ? performance.now() - began : null }
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

async function largestFile(origin: string): Promise<string> {
  const page = await (await fetch(`${origin}/`)).text()
  const files = [...new Set(page.match(/\/_next\/static\/[\w./~-]+\.js/g) ?? [])]
  const sizes = await Promise.all(
    files.map(async (file) => ({
      file,
      size: (await (await fetch(`${origin}${file}`)).arrayBuffer()).byteLength,
    })),
  )
  const [largest] = sizes.sort((a, b) => b.size - a.size)
  if (!largest) throw new Error('the front page loads no script')
  return largest.file
}

async function endedReaders(origin: string, token: string): Promise<number> {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`)
  const line = /^portal_http_ended_total\{[^}]*reason="slow_reader"[^}]*\} (\d+)/m.exec(await answer.text())
  return Number(line?.[1] ?? 0)
}
