import { expect, test, vi } from 'vitest'
import { type OpenUpload, type QueueDoors, UploadQueue } from './upload-queue.ts'
import { headOf, type UploadRecord } from './upload-records.ts'
import type { Uploader, UploadProgress } from './uploader.ts'

type Fake = { url: string; file: Blob; tell: (change: Partial<UploadProgress>) => void; calls: string[] }

const blank: UploadProgress = {
  phase: 'idle',
  sent: 0,
  size: 0,
  bytesPerSecond: null,
  secondsLeft: null,
  retryAt: null,
  error: null,
  resumable: false,
}

function createQueue(overrides: Partial<QueueDoors> = {}) {
  const kept = new Map<string, UploadRecord>()
  const open: OpenUpload[] = []
  const uploaders: Fake[] = []
  const calls: string[] = []
  let made = 0
  const doors: QueueDoors = {
    async begin(file) {
      made += 1
      calls.push(`begin ${file.filename}`)
      return { id: `upl_${made}`, videoId: `vid_${made}`, uploadUrl: `/upload/${made}` }
    },
    listOpen: async () => open,
    async reopen(id) {
      calls.push(`reopen ${id}`)
      return { id, videoId: 'vid_9', uploadUrl: `/upload/${id}` }
    },
    cancel: async (id) => void calls.push(`cancel ${id}`),
    records: {
      all: async () => [...kept.values()],
      put: async (record) => void kept.set(record.uploadId, record),
      remove: async (id) => void kept.delete(id),
    },
    uploader({ url, file, onProgress }) {
      const fake: Fake = {
        url,
        file,
        calls: [],
        tell: (change) => onProgress({ ...blank, size: file.size, ...change }),
      }
      uploaders.push(fake)
      return {
        start: () => fake.calls.push('start'),
        pause: () => fake.tell({ phase: 'paused' }),
        stop: () => fake.tell({ phase: 'stopped' }),
      } as unknown as Uploader
    },
    sentence: (error) => String((error as Error).message),
    isOver: (error) => (error as Error).message === 'over',
    async alone(_id, work) {
      await work()
      return true
    },
    isElsewhere: async () => false,
    ...overrides,
  }
  const queue = new UploadQueue(doors)
  return { queue, kept, open, uploaders, calls, states: () => queue.snapshot().map((item) => item.state) }
}

const file = (name: string, text = name) => ({ file: new File([text], name, { type: 'video/mp4' }) })
test('files go one after another, each with its own upload', async () => {
  const { queue, uploaders, states, calls, kept } = createQueue()
  queue.add([file('a.mp4'), file('b.mp4')])
  await vi.waitFor(() => expect(calls).toEqual(['begin a.mp4']))
  expect(states()).toEqual(['preparing', 'queued'])
  await vi.waitFor(() => expect(uploaders).toHaveLength(1))
  expect([...kept.keys()]).toEqual(['upl_1'])
  uploaders[0]?.tell({ phase: 'done' })
  await vi.waitFor(() => expect(calls).toEqual(['begin a.mp4', 'begin b.mp4']))
  await vi.waitFor(() => expect([...kept.keys()]).toEqual(['upl_2']))
})

test('a paused upload lets the next one go first and goes on when it is told to', async () => {
  const { queue, uploaders, states, calls } = createQueue()
  queue.add([file('a.mp4'), file('b.mp4')])
  await vi.waitFor(() => expect(uploaders).toHaveLength(1))
  queue.pause('new-1')
  await vi.waitFor(() => expect(states()[0]).toBe('paused'))
  await vi.waitFor(() => expect(uploaders).toHaveLength(2))
  uploaders[1]?.tell({ phase: 'done' })
  await queue.resume('new-1')
  await vi.waitFor(() => expect(calls).toEqual(['begin a.mp4', 'begin b.mp4', 'reopen upl_1']))
  await vi.waitFor(() => expect(uploaders[0]?.calls).toEqual(['start', 'start']))
})

test('after a reload it asks for the same file and takes no other', async () => {
  const { queue, open, kept, uploaders, states } = createQueue()
  const begun = file('long.mov', 'frames')
  open.push({ id: 'upl_7', videoId: 'vid_7', filename: 'long.mov', size: 6 })
  kept.set('upl_7', { uploadId: 'upl_7', name: 'long.mov', size: 6, head: await headOf(begun.file) })
  await queue.restore()
  expect(states()).toEqual(['needs-file'])
  await queue.resume('upl_7', file('long.mov', 'famers'))
  expect(queue.snapshot()[0]?.error).toMatch(/another file/)
  expect(uploaders).toHaveLength(0)
  await queue.resume('upl_7', file('renamed.mov', 'frames'))
  await vi.waitFor(() => expect(uploaders[0]).toMatchObject({ url: '/upload/upl_7', calls: ['start'] }))
})

test('a handle that may be read goes on by itself; one that must be asked for waits for a press', async () => {
  for (const [permission, expected] of [
    ['granted', 'preparing'],
    ['prompt', 'needs-file'],
  ] as const) {
    const { queue, open, kept, states } = createQueue()
    const { file: begun } = file('a.mp4')
    const handle = {
      queryPermission: async () => permission,
      requestPermission: async () => 'granted',
      getFile: async () => begun,
    } as unknown as FileSystemFileHandle
    open.push({ id: 'upl_1', videoId: 'vid_1', filename: 'a.mp4', size: begun.size })
    kept.set('upl_1', {
      uploadId: 'upl_1',
      name: 'a.mp4',
      size: begun.size,
      head: await headOf(begun),
      handle,
    })
    await queue.restore()
    await vi.waitFor(() => expect(states()).toEqual([expected]))
    await queue.resume('upl_1')
    await vi.waitFor(() => expect(states()).toEqual(['preparing']))
  }
})

test('what the server no longer waits for is forgotten', async () => {
  const { queue, kept } = createQueue()
  kept.set('upl_1', { uploadId: 'upl_1', name: 'a.mp4', size: 1, head: '' })
  await queue.restore()
  expect(kept.size).toBe(0)
  expect(queue.snapshot()).toEqual([])
})

test('an upload that runs in another tab is left alone', async () => {
  const { queue, open, states } = createQueue({ isElsewhere: async () => true })
  open.push({ id: 'upl_1', videoId: 'vid_1', filename: 'a.mp4', size: 1 })
  await queue.restore()
  expect(states()).toEqual(['elsewhere'])
})

test('an empty file is refused with a sentence before anything is asked of the server', async () => {
  const { queue, calls, states } = createQueue()
  queue.add([file('empty.mp4', '')])
  await vi.waitFor(() => expect(states()).toEqual(['refused']))
  expect(calls).toEqual([])
})

test('a refusal of the server is told and makes room for the next file', async () => {
  const { queue, uploaders } = createQueue({
    begin: async ({ filename }) => {
      if (filename === 'huge.mov') throw new Error('This file is larger than the portal takes.')
      return { id: 'upl_2', videoId: 'vid_2', uploadUrl: '/upload/2' }
    },
  })
  queue.add([file('huge.mov'), file('b.mp4')])
  await vi.waitFor(() =>
    expect(queue.snapshot()[0]).toMatchObject({ state: 'refused', error: expect.stringMatching(/larger/) }),
  )
  expect(uploaders).toHaveLength(1)
})

test('cancelling stops the bytes, forgets the record and tells the server', async () => {
  const { queue, kept, calls } = createQueue()
  queue.add([file('a.mp4'), file('b.mp4')])
  await vi.waitFor(() => expect([...kept.keys()]).toEqual(['upl_1']))
  await queue.cancel('new-1')
  await vi.waitFor(() => expect(calls.toSorted()).toEqual(['begin a.mp4', 'begin b.mp4', 'cancel upl_1']))
  await vi.waitFor(() => expect([...kept.keys()]).toEqual(['upl_2']))
  expect(queue.snapshot().map((item) => item.name)).toEqual(['b.mp4'])
})

test('an upload that is over on the server is not tried again', async () => {
  const { queue, open, states } = createQueue({
    reopen: async () => {
      throw new Error('over')
    },
  })
  const begun = file('a.mp4')
  open.push({ id: 'upl_1', videoId: 'vid_1', filename: 'a.mp4', size: begun.file.size })
  await queue.restore()
  await queue.resume('upl_1', begun)
  await vi.waitFor(() => expect(states()).toEqual(['refused']))
})
