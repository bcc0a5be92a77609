import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { OutboundGuard } from '#engine/platform/outbound-guard.ts'
import { BrokenTransfer, DownloadError, explained, fetchGuarded } from './request.ts'

export type Download = {
  url: string
  /** Where to write; what is there is replaced. */
  path: string
  maxBytes: number
  guard: OutboundGuard
  signal: AbortSignal
  /** Bytes so far, and in all where the server tells. */
  onProgress?: (received: number, total: number | null) => void
  /** All of it, retries included; two hours by default. */
  totalMs?: number
  answerMs?: number
  idleMs?: number
  /** Before the first retry; doubles up to sixteen times. */
  retryMs?: number
}

/** Breaks in a row without a byte more than ever before. */
const MOST_FAILURES = 6
/** Whatever they bring. */
const MOST_ATTEMPTS = 200
const TOTAL_MS = 2 * 3600_000
const ANSWER_MS = 30_000
const IDLE_MS = 30_000
const RETRY_MS = 1000

/**
 * Fetches one file. A broken connection is taken up where it broke (RFC 9110, 14.2: Range with If-Range) or, where the
 * server can't, begun again. Throws DownloadError with a sentence for people; the signal's reason when it aborts.
 */
export async function download(job: Download): Promise<{ bytes: number; sha256: Buffer }> {
  const timeUp = AbortSignal.timeout(job.totalMs ?? TOTAL_MS)
  const signal = AbortSignal.any([job.signal, timeUp])
  const file = await open(job.path, 'w', 0o600)
  try {
    const transfer = new Transfer(job, file, signal)
    await withRetries(transfer, signal, job.retryMs ?? RETRY_MS)
    return { bytes: transfer.received, sha256: transfer.hash.digest() }
  } catch (error) {
    if (timeUp.aborted && !job.signal.aborted)
      throw new DownloadError('The file took too long to fetch.', true)
    throw error
  } finally {
    await file.close()
  }
}

async function withRetries(transfer: Transfer, signal: AbortSignal, retryMs: number): Promise<void> {
  let failures = 0
  let most = 0
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transfer.run()
    } catch (error) {
      if (!(error instanceof BrokenTransfer)) throw error
      failures = transfer.received > most ? 1 : failures + 1
      most = Math.max(most, transfer.received)
      if (failures >= MOST_FAILURES || attempt >= MOST_ATTEMPTS)
        throw new DownloadError(`The file could not be fetched: ${error.message}.`, true)
      await delay(retryMs * 2 ** Math.min(failures - 1, 4), undefined, { signal })
    }
  }
}

/** One file on its way, over as many connections as it takes. */
class Transfer {
  readonly job: Download
  readonly file: FileHandle
  readonly signal: AbortSignal
  hash: Hash = createHash('sha256')
  received = 0
  total: number | null = null
  /** ETag or Last-Modified: proves that the rest belongs to what came before. */
  validator: string | null = null

  constructor(job: Download, file: FileHandle, signal: AbortSignal) {
    this.job = job
    this.file = file
    this.signal = signal
  }

  async run(): Promise<void> {
    if (this.received > 0 && this.validator === null) await this.restart()
    const { job, signal } = this
    const deadlines = { answerMs: job.answerMs ?? ANSWER_MS, idleMs: job.idleMs ?? IDLE_MS }
    const response = await fetchGuarded(job.guard, job.url, this.headers(), deadlines, signal)
    try {
      await this.accept(response)
      await this.readBody(response)
    } finally {
      response.destroy()
    }
  }

  headers(): Record<string, string> {
    const common = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Video engine' }
    if (this.received === 0) return common
    return { ...common, range: `bytes=${this.received}-`, 'if-range': this.validator! }
  }

  async accept(response: IncomingMessage): Promise<void> {
    const { headers, statusCode = 0 } = response
    if (statusCode === 408 || statusCode === 425 || statusCode === 429 || statusCode >= 500)
      throw new BrokenTransfer(`the server answered ${statusCode}`)
    if (statusCode === 206 && this.received > 0) {
      const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
      if (
        Number(start) === this.received &&
        (total === '*' || this.total === null || Number(total) === this.total)
      )
        return
      await this.restart()
      throw new BrokenTransfer('the server sent another part than asked for')
    }
    if (statusCode !== 200) throw new DownloadError(`The server answered ${statusCode} for this URL.`)
    if (this.received > 0) await this.restart()
    if ((headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new DownloadError('The server sends this file only in a compressed form.')
    this.total = headers['content-length'] === undefined ? null : Number(headers['content-length'])
    if (this.total !== null && this.total > this.job.maxBytes) throw this.tooLarge()
    const tag = headers.etag
    this.validator = tag && !tag.startsWith('W/') ? tag : (headers['last-modified'] ?? null)
  }

  async readBody(response: IncomingMessage): Promise<void> {
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        if (this.received + chunk.length > this.job.maxBytes) throw this.tooLarge()
        await this.write(chunk)
        this.job.onProgress?.(this.received, this.total)
      }
    } catch (error) {
      throw explained(error, this.signal)
    }
    if (!response.complete || (this.total !== null && this.received < this.total))
      throw new BrokenTransfer('the connection ended too early')
    if (this.received === 0) throw new DownloadError('The file at this URL is empty.')
  }

  async write(chunk: Buffer): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.file.write(chunk, done, chunk.length - done, this.received + done)
      done += bytesWritten
    }
    this.hash.update(chunk)
    this.received += chunk.length
  }

  async restart(): Promise<void> {
    await this.file.truncate(0)
    this.hash = createHash('sha256')
    this.received = 0
    this.total = null
    this.validator = null
  }

  tooLarge(): DownloadError {
    return new DownloadError(`The file is larger than ${this.job.maxBytes} bytes, the most that is accepted.`)
  }
}
