'use client'

import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { type OpenUpload, type QueueDoors, UploadQueue } from './upload-queue.ts'
import { browserRecords } from './upload-records.ts'
import { Uploader } from './uploader.ts'

type Listed = OpenUpload & { status: string; ownerId: string }

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

const doorsFor = (personId: string): QueueDoors => ({
  begin: (file) => api('/api/uploads', { method: 'POST', body: file }),
  async listOpen() {
    const { items } = await api<{ items: Listed[] }>('/api/uploads?state=open&limit=100')
    return items.filter(
      (upload) => upload.ownerId === personId && ['waiting', 'uploading'].includes(upload.status),
    )
  },
  reopen: (uploadId) => api(`${path(uploadId)}/resume`, { method: 'POST', body: {} }),
  cancel: async (uploadId) => void (await api(`${path(uploadId)}/cancel`, { method: 'POST', body: {} })),
  records: browserRecords,
  uploader: (options) => new Uploader(options),
  sentence: sentenceFor,
  isOver: (error) => error instanceof ApiError && [404, 409, 410].includes(error.status),
  alone,
  isElsewhere,
})

let queue: { personId: string; uploads: UploadQueue } | null = null

/** The uploads of this tab: they go on while the person looks at other pages of the portal. */
export function uploadsOf(personId: string): UploadQueue {
  if (queue?.personId !== personId) queue = { personId, uploads: new UploadQueue(doorsFor(personId)) }
  return queue.uploads
}
