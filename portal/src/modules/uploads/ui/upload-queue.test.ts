import { expect, test, vi } from 'vitest'
import {
  blankProgress as blank,
  createQueue,
  fileOf as file,
} from '../../../../../tests/support/upload-queue.ts'
import type { OpenUpload } from './queue-item.ts'
import { headOf } from './upload-records.ts'

/** On a loaded machine a turn of the queue takes longer than vitest would wait by itself. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000 })

const unfinished = (patch: Partial<OpenUpload>): OpenUpload => ({
  id: 'upl_1',
  videoId: 'vid_1',
  filename: 'a.mp4',
  size: 1,
  receivedBytes: null,
  headSha256: null,
  writer: null,
  silentMs: null,
  ...patch,
})
test('files go one after another, each with its own upload', async () => {
  const { queue, uploaders, states, calls, kept } = createQueue()
  queue.add([file('a.mp4'), file('b.mp4')])
  await soon(() => expect(calls).toEqual(['begin a.mp4']))
  expect(states()).toEqual(['preparing', 'queued'])
  await soon(() => expect(uploaders).toHaveLength(1))
  expect([...kept.keys()]).toEqual(['upl_1'])
  uploaders[0]?.tell({ phase: 'done' })
  await soon(() => expect(calls).toEqual(['begin a.mp4', 'begin b.mp4']))
  await soon(() => expect([...kept.keys()]).toEqual(['upl_2']))
})

test('a paused upload lets the next one go first and goes on when it is told to', async () => {
  const { queue, uploaders, states, calls } = createQueue()
  queue.add([file('a.mp4'), file('b.mp4')])
  await soon(() => expect(uploaders).toHaveLength(1))
  queue.pause('new-1')
  await soon(() => expect(states()[0]).toBe('paused'))
  await soon(() => expect(uploaders).toHaveLength(2))
  uploaders[1]?.tell({ phase: 'done' })
  await queue.resume('new-1')
  await soon(() => expect(calls).toEqual(['begin a.mp4', 'begin b.mp4', 'reopen upl_1']))
  await soon(() => expect(uploaders[0]?.calls).toEqual(['start', 'start']))
})

test('after a reload it asks for the same file and takes no other', async () => {
  const { queue, open, kept, uploaders, states } = createQueue()
  const begun = file('long.mov', 'frames')
  const headSha256 = await headOf(begun.file)
  open.push(unfinished({ id: 'upl_7', videoId: 'vid_7', filename: 'long.mov', size: 6, headSha256 }))
  kept.set('upl_7', { uploadId: 'upl_7', name: 'long.mov', size: 6 })
  await queue.restore()
  expect(states()).toEqual(['needs-file'])
  await queue.resume('upl_7', file('long.mov', 'famers'))
  expect(queue.snapshot()[0]?.error).toMatch(/another file/)
  expect(uploaders).toHaveLength(0)
  await queue.resume('upl_7', file('renamed.mov', 'frames'))
  await soon(() => expect(uploaders[0]).toMatchObject({ url: '/upload/upl_7', calls: ['start'] }))
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
    open.push(unfinished({ id: 'upl_1', videoId: 'vid_1', filename: 'a.mp4', size: begun.size }))
    kept.set('upl_1', {
      uploadId: 'upl_1',
      name: 'a.mp4',
      size: begun.size,
      handle,
    })
    await queue.restore()
    await soon(() => expect(states()).toEqual([expected]))
    await queue.resume('upl_1')
    await soon(() => expect(states()).toEqual(['preparing']))
  }
})

test('what the server no longer waits for is forgotten', async () => {
  const { queue, kept } = createQueue()
  kept.set('upl_1', { uploadId: 'upl_1', name: 'a.mp4', size: 1 })
  await queue.restore()
  expect(kept.size).toBe(0)
  expect(queue.snapshot()).toEqual([])
})

test('an upload that runs in another tab is left alone', async () => {
  const { queue, open, states } = createQueue({ isElsewhere: async () => true })
  open.push(unfinished({ id: 'upl_1', videoId: 'vid_1', filename: 'a.mp4', size: 1 }))
  await queue.restore()
  expect(states()).toEqual(['elsewhere'])
})

test('an empty file is refused with a sentence before anything is asked of the server', async () => {
  const { queue, calls, states } = createQueue()
  queue.add([file('empty.mp4', '')])
  await soon(() => expect(states()).toEqual(['refused']))
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
  await soon(() =>
    expect(queue.snapshot()[0]).toMatchObject({ state: 'refused', error: expect.stringMatching(/larger/) }),
  )
  expect(uploaders).toHaveLength(1)
})

test('cancelling stops the bytes, forgets the record and tells the server', async () => {
  const { queue, kept, calls } = createQueue()
  queue.add([file('a.mp4'), file('b.mp4')])
  await soon(() => expect([...kept.keys()]).toEqual(['upl_1']))
  await queue.cancel('new-1')
  await soon(() => expect(calls.toSorted()).toEqual(['begin a.mp4', 'begin b.mp4', 'cancel upl_1']))
  await soon(() => expect([...kept.keys()]).toEqual(['upl_2']))
  expect(queue.snapshot().map((item) => item.name)).toEqual(['b.mp4'])
})

test('an upload that is over on the server is not tried again', async () => {
  const { queue, open, states } = createQueue({
    reopen: async () => {
      throw new Error('over')
    },
  })
  const begun = file('a.mp4')
  open.push(unfinished({ id: 'upl_1', videoId: 'vid_1', filename: 'a.mp4', size: begun.file.size }))
  await queue.restore()
  await queue.resume('upl_1', begun)
  await soon(() => expect(states()).toEqual(['refused']))
})

test('as many as may be are sent side by side; all are paused, continued and cancelled at once', async () => {
  const { queue, uploaders, states, calls } = createQueue({ atOnce: 2 })
  queue.add([file('a.mp4'), file('b.mp4'), file('c.mp4')])
  await soon(() => expect(uploaders).toHaveLength(2))
  for (const uploader of uploaders) uploader.tell({ phase: 'sending' })
  expect(states()).toEqual(['sending', 'sending', 'queued'])
  expect(queue.isSending).toBe(true)
  queue.pauseAll()
  await soon(() => expect(states()).toEqual(['paused', 'paused', 'paused']))
  expect([queue.isSending, uploaders.length]).toEqual([false, 2])
  await queue.resumeAll()
  await soon(() => expect(calls.filter((call) => call.startsWith('reopen'))).toHaveLength(2))
  queue.cancelAll()
  await soon(() => expect(calls).toEqual(expect.arrayContaining(['cancel upl_1', 'cancel upl_2'])))
  expect(states()).toEqual([])
})

test('what is no video by its first bytes is refused before anything is asked of the server', async () => {
  const refusal = 'This is a PDF document, not a video. Choose a video or audio file.'
  const { queue, calls } = createQueue({ inspect: async () => ({ refusal }) })
  queue.add([file('a.mp4')])
  await soon(() => expect(queue.snapshot()[0]).toMatchObject({ state: 'refused', error: refusal }))
  expect(calls).toEqual([])
})

test('the sum is told before the last byte; a file that changed under way is refused for good', async () => {
  const over = async () => {
    throw new Error('over')
  }
  for (const [declare, wanted] of [
    [undefined, null],
    [over, { message: 'over', resumable: false }],
  ] as const) {
    const { queue, uploaders, calls } = createQueue(declare ? { declare } : {})
    queue.add([file('a.mp4')])
    await soon(() => expect(uploaders).toHaveLength(1))
    const told = uploaders[0]?.beforeLast?.()
    if (wanted) await expect(told).rejects.toMatchObject(wanted)
    else {
      await told
      expect(calls).toContain('declare upl_1 sum')
    }
  }
})

test('another device that takes over makes this one stop', async () => {
  const { queue, uploaders } = createQueue({ report: async () => false })
  queue.add([file('a.mp4')])
  await soon(() => expect(uploaders).toHaveLength(1))
  uploaders[0]?.tell({ phase: 'sending', acknowledged: 5 })
  await soon(() =>
    expect(queue.snapshot()[0]).toMatchObject({ state: 'elsewhere', where: 'device', hasFile: true }),
  )
})

test('an upload in another tab shows how far it is there, is told what to do, and is taken up when that tab is gone', async () => {
  const free = Promise.withResolvers<void>()
  const { queue, open, channel } = createQueue({
    isElsewhere: async () => true,
    whenFree: () => free.promise,
  })
  open.push(unfinished({ receivedBytes: 7 }))
  await queue.restore()
  const progress = { ...blank, phase: 'sending' as const, sent: 42, size: 100 }
  channel.hear({ uploadId: 'upl_1', state: 'sending', progress })
  expect(queue.snapshot()[0]).toMatchObject({ state: 'elsewhere', where: 'tab', progress: { sent: 42 } })
  queue.pause('upl_1')
  expect(channel.tell).toEqual([{ uploadId: 'upl_1', wish: 'pause' }])
  free.resolve()
  await soon(() => expect(queue.snapshot()[0]).toMatchObject({ state: 'needs-file', stored: 7 }))
})

test('an upload that another device sends now is left alone, and can be taken over', async () => {
  const { queue, open, uploaders } = createQueue()
  const begun = file('a.mp4')
  open.push(unfinished({ size: begun.file.size, silentMs: 2000, receivedBytes: 3 }))
  open.push(unfinished({ id: 'upl_2', silentMs: 60_000 }))
  await queue.restore()
  expect(queue.snapshot()).toMatchObject([
    { state: 'elsewhere', where: 'device', stored: 3 },
    { state: 'needs-file', where: null },
  ])
  await queue.resume('upl_1', begun)
  await soon(() => expect(uploaders[0]).toMatchObject({ url: '/upload/upl_1', calls: ['start'] }))
})
