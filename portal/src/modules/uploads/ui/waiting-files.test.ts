import { expect, test, vi } from 'vitest'
import { createQueue, fileOf } from '../../../../../tests/support/upload-queue.ts'
import type { Held } from './limit-wait.ts'
import type { QueueDoors } from './queue-item.ts'

/** Of a loaded machine. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000 })

class Refused extends Error {}
const refuse = async () => {
  throw new Refused()
}
const held: Held = { why: 'limit', limit: '2 in a day', help: null, seconds: 60 }
const heldBy = (error: unknown) => (error instanceof Refused ? held : null)

/** A page whose server refuses all, with these files waiting for its limit. */
async function waitingPage(names: string[], handle?: FileSystemFileHandle) {
  const page = createQueue({ begin: refuse, heldBy })
  page.queue.add(names.map((name) => ({ ...fileOf(name), ...(handle ? { handle } : {}) })))
  await soon(() => expect(page.states()).toEqual(names.map(() => 'limited')))
  await soon(() => expect([...page.waiting.values()].map(({ wait }) => wait?.until)).toContain(60_000))
  return page
}

/** The same browser's next page: what was kept is there, files in the memory of the page are gone. */
function nextPage(before: Awaited<ReturnType<typeof waitingPage>>, overrides: Partial<QueueDoors> = {}) {
  const page = createQueue({ heldBy, ...overrides })
  for (const [id, file] of before.waiting) page.waiting.set(id, { ...file })
  return page
}

test('[RLA-07] what waited for a limit is named after a reload, and goes on once it is chosen again', async () => {
  const { queue, states, waiting, later, uploaders, calls } = nextPage(await waitingPage(['a.mp4', 'b.mp4']))
  await queue.restore()
  await queue.restore()
  expect(queue.snapshot()).toMatchObject([
    { name: 'a.mp4', state: 'needs-file', uploadId: null, hasFile: false, wait: { until: 60_000 } },
    { name: 'b.mp4', state: 'needs-file' },
  ])
  expect(queue.isSending).toBe(false)
  const [first, second] = queue.snapshot().map(({ key }) => key)
  await queue.resume(first ?? '', fileOf('a.mp4', 'longer than it was'))
  expect(queue.snapshot()[0]?.error).toMatch(/another file/)
  // The limit that is known holds: nobody asks before it ends.
  await queue.resume(first ?? '', fileOf('a.mp4'))
  expect([states(), calls]).toEqual([['limited', 'needs-file'], []])
  later(60)
  await soon(() => expect(uploaders).toHaveLength(1))
  await soon(() => expect([...waiting.keys()]).toEqual([second]))
  await queue.cancel(second ?? '')
  await soon(() => expect(waiting.size).toBe(0))
})

test('files that are added again take their places, each one', async () => {
  const before = await waitingPage(['a.mp4', 'b.mp4'])
  const { queue, states } = nextPage(before)
  await queue.restore()
  queue.add([fileOf('b.mp4'), fileOf('c.mp4'), fileOf('a.mp4')])
  await soon(() => expect(states()).toEqual(['limited', 'limited', 'limited']))
  expect(queue.snapshot().map(({ name }) => name)).toEqual(['a.mp4', 'b.mp4', 'c.mp4'])
})

test('a file that the browser gives back goes on by itself, once the limit ends', async () => {
  const handle = {
    queryPermission: async () => 'granted',
    getFile: async () => fileOf('a.mp4').file,
  } as unknown as FileSystemFileHandle
  const { queue, states, later, uploaders } = nextPage(await waitingPage(['a.mp4'], handle))
  await queue.restore()
  expect(states()).toEqual(['limited'])
  later(60)
  await soon(() => expect(uploaders).toHaveLength(1))
})

test('what another tab has in hand is not shown twice', async () => {
  const { queue, waiting } = nextPage(await waitingPage(['a.mp4']), { alone: async () => false })
  await queue.restore()
  expect([queue.snapshot(), waiting.size]).toEqual([[], 1])
})

test('what waits for its turn is kept until it begins; what begins at once, is refused or cancelled is not', async () => {
  const inspect: QueueDoors['inspect'] = async ({ name }) =>
    name === 'c.pdf' ? { refusal: 'This is a PDF document.' } : { durationSeconds: undefined }
  const { queue, waiting, uploaders } = createQueue({ inspect })
  const names = () => [...waiting.values()].map(({ name }) => name)
  queue.add(['a.mp4', 'b.mp4', 'c.pdf', 'd.mp4'].map((name) => fileOf(name)))
  await soon(() => expect(names()).toEqual(['b.mp4', 'c.pdf', 'd.mp4']))
  await queue.cancel('new-4')
  await soon(() => expect(names()).toEqual(['b.mp4', 'c.pdf']))
  await soon(() => expect(uploaders).toHaveLength(1))
  uploaders[0]?.tell({ phase: 'done' })
  await soon(() => expect(uploaders).toHaveLength(2))
  await soon(() => expect(names()).toEqual(['c.pdf']))
  uploaders[1]?.tell({ phase: 'done' })
  await soon(() => expect(names()).toEqual([]))
})
