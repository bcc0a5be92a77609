import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Somebody who asks for a page now and then, each time by a new connection. */
export type Visitor = { stop(): Promise<{ p99: number; asked: number; failed: number }> }

const EVERY_MS = 100
const DEADLINE_MS = 10_000

export function startVisitor(url: string): Visitor {
  const times: number[] = []
  let failed = 0
  let stopped = false
  const visit = async () => {
    while (!stopped) {
      const began = performance.now()
      await ask(url).then(
        () => times.push(performance.now() - began),
        () => {
          failed += 1
        },
      )
      await delay(Math.max(0, EVERY_MS - (performance.now() - began)))
    }
  }
  const visiting = visit()
  return {
    async stop() {
      stopped = true
      await visiting
      const sorted = times.toSorted((a, b) => a - b)
      const p99 = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Number.POSITIVE_INFINITY
      return { p99: Math.round(p99), asked: times.length + failed, failed }
    },
  }
}

function ask(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, timeout: DEADLINE_MS }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`status ${answer.statusCode}`))
      })
    })
    call.once('timeout', () => call.destroy(new Error('no answer')))
    call.once('error', reject)
    call.end()
  })
}

/** A file sent in one request over a line as slow as `bytesPerSecond`, for as long as `finish` is not called. */
export type SlowUpload = { finish(): Promise<{ status: number; seconds: number; bytes: number }> }

/** @param size of the whole file; what was not yet sent is sent at once when it is to finish */
export function startSlowUpload(uploadUrl: string, size: number, bytesPerSecond: number): SlowUpload {
  const began = performance.now()
  let sent = 0
  const call = request(uploadUrl, {
    ...{ method: 'PUT', agent: false },
    headers: { 'content-length': size, 'content-type': 'video/mp4' },
  })
  const answered = new Promise<number>((resolve, reject) => {
    call.once('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    call.once('error', reject)
  })
  // Looked at when it is to finish; an upload that was cut before must not end the process.
  answered.catch(() => undefined)
  const send = (bytes: number) => {
    const piece = Math.min(bytes, size - sent)
    if (piece > 0) call.write(Buffer.alloc(piece, 7))
    sent += piece
  }
  const timer = setInterval(() => send(bytesPerSecond), 1000)
  return {
    async finish() {
      clearInterval(timer)
      const slowlySent = sent
      send(size - sent)
      call.end()
      const status = await answered.catch(() => 0)
      return { status, seconds: Math.round((performance.now() - began) / 1000), bytes: slowlySent }
    },
  }
}
