'use client'

import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { browserRecords, browserWaiting } from './browser-records.ts'
import { FileHash } from './file-hash.ts'
import { lengthOf, otherKindOf } from './inspect-file.ts'
import type { Held } from './limit-wait.ts'
import type { OpenUpload, QueueDoors } from './queue-item.ts'
import { openTabChannel } from './tab-channel.ts'
import { UploadQueue } from './upload-queue.ts'
import { Uploader } from './uploader.ts'

type Listed = Omit<OpenUpload, 'silentMs'> & { status: string; heardAt: string | null }

/** Two share a line well; more would only make each of them slow. */
const AT_ONCE = 2
const LOOK_MS = 10_000

const lockName = (uploadId: string) => `upload:${uploadId}`
const path = (uploadId: string) => `/api/uploads/${encodeURIComponent(uploadId)}`

/** Runs in one tab alone; without the Web Locks API, the server's own one-writer rule has to do. */
async function alone(uploadId: string, work: () => Promise<void>): Promise<boolean> {
  if (!navigator.locks) {
    await work()
    return true
  }
  return await navigator.locks.request(lockName(uploadId), { ifAvailable: true }, async (lock) => {
    if (lock) await work()
    return lock !== null
  })
}

async function isElsewhere(uploadId: string): Promise<boolean> {
  const held = (await navigator.locks?.query())?.held ?? []
  return held.some((lock) => lock.name === lockName(uploadId))
}

async function inspect(file: File): ReturnType<QueueDoors['inspect']> {
  const kind = await otherKindOf(file)
  if (kind) return { refusal: `This is ${kind}, not a video. Choose a video or audio file.` }
  return { durationSeconds: await lengthOf(file) }
}

async function listOpen(): Promise<OpenUpload[]> {
  let now = Date.now()
  const { items } = await api<{ items: Listed[] }>('/api/uploads?state=open&owner=me&limit=100', {
    // The server's clock: this device's may be wrong by hours.
    onHeaders: (headers) => {
      now = Date.parse(headers.get('date') ?? '') || now
    },
  })
  return items
    .filter(({ status }) => status === 'waiting' || status === 'uploading')
    .map(({ heardAt, ...upload }) => ({
      ...upload,
      silentMs: heardAt === null ? null : Math.max(0, now - Date.parse(heardAt)),
    }))
}

/** False where somebody else sends now; not where the whole file has arrived meanwhile. */
async function report(uploadId: string, writer: string, receivedBytes: number): Promise<boolean> {
  const body = { writer, receivedBytes }
  const { goOn } = await api<{ goOn: boolean }>(`${path(uploadId)}/progress`, { method: 'POST', body })
  if (goOn) return true
  const { status, writer: sender } = await api<{ status: string; writer: string | null }>(path(uploadId))
  return !['waiting', 'uploading'].includes(status) || sender === writer
}

/** 429 says until when, by the server's own count; 503 where it knows when to ask again. */
function heldBy(error: unknown): Held | null {
  if (!(error instanceof ApiError) || !error.retryAfterSeconds) return null
  if (error.status !== 429 && error.status !== 503) return null
  const { limit = null, help = null } = error.told
  return { why: error.status === 429 ? 'limit' : 'busy', limit, help, seconds: error.retryAfterSeconds }
}

/** Looked at now and then: a timer of hours would begin anew where it stopped when a laptop wakes. */
function at(instant: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const look = () => {
    const left = instant - Date.now()
    if (left <= 0) return work()
    timer = setTimeout(look, Math.min(left, LOOK_MS))
  }
  timer = setTimeout(look, Math.min(instant - Date.now(), LOOK_MS))
  return () => clearTimeout(timer)
}

function doorsFor(personId: string): QueueDoors {
  const writer = crypto.randomUUID()
  const post = (uploadId: string, verb: string, body: object) =>
    api<never>(`${path(uploadId)}/${verb}`, { method: 'POST', body })
  return {
    writer,
    atOnce: AT_ONCE,
    begin: (file) => api('/api/uploads', { method: 'POST', body: file }),
    listOpen,
    reopen: (uploadId) => post(uploadId, 'resume', { writer }),
    report: (uploadId, receivedBytes) => report(uploadId, writer, receivedBytes),
    declare: (uploadId, sha256) => post(uploadId, 'checksum', { sha256 }),
    cancel: (uploadId) => post(uploadId, 'cancel', {}),
    inspect,
    hash: (file) => new FileHash(file),
    records: browserRecords,
    waiting: browserWaiting(personId),
    uploader: (options) => new Uploader(options),
    sentence: sentenceFor,
    heldBy,
    now: () => Date.now(),
    at,
    isOver: (error) => error instanceof ApiError && [404, 409, 410].includes(error.status),
    alone,
    isElsewhere,
    whenFree: async (uploadId) =>
      void (await navigator.locks?.request(lockName(uploadId), { mode: 'shared' }, () => {})),
    tabs: openTabChannel(personId),
  }
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault()

/** While something is sent, closing the page asks first. */
function guardClosing(uploads: UploadQueue): void {
  if (uploads.isSending) addEventListener('beforeunload', warn)
  else removeEventListener('beforeunload', warn)
}

let queue: { personId: string; uploads: UploadQueue } | null = null

/** The uploads of this tab: they go on while the person looks at other pages of the portal. */
export function uploadsOf(personId: string): UploadQueue {
  if (queue?.personId === personId) return queue.uploads
  const uploads = new UploadQueue(doorsFor(personId))
  uploads.subscribe(() => guardClosing(uploads))
  queue = { personId, uploads }
  return uploads
}
