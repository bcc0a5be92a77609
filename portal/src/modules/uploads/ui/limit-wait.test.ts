import { expect, test, vi } from 'vitest'
import { createQueue, fileOf } from '../../../../../tests/support/upload-queue.ts'
import type { NewFile, Place } from './queue-item.ts'

/** Of a loaded machine. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000 })

class Refused extends Error {
  readonly why: 'limit' | 'busy'
  readonly seconds: number
  constructor(why: 'limit' | 'busy', seconds: number) {
    super(why)
    this.why = why
    this.seconds = seconds
  }
}

/** A server that takes so many files, then refuses until it takes more. */
function limited(why: 'limit' | 'busy', room: { files: number }) {
  const asked: string[] = []
  const begin = async ({ filename }: NewFile): Promise<Place> => {
    asked.push(filename)
    if (room.files < 1) throw new Refused(why, 60)
    room.files -= 1
    return { id: `upl_${asked.length}`, videoId: `vid_${asked.length}`, uploadUrl: '/upload/1' }
  }
  const heldBy = (error: unknown) =>
    error instanceof Refused
      ? { why: error.why, limit: '2 in a day', help: null, seconds: error.seconds }
      : null
  return { asked, ...createQueue({ begin, heldBy, atOnce: 2 }) }
}

test('[RLA-07] what a limit refused waits until it ends, and goes on by itself', async () => {
  const room = { files: 0 }
  const { queue, asked, states, later, uploaders } = limited('limit', room)
  queue.add(['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4'].map((name) => fileOf(name)))
  await soon(() => expect(states()).toEqual(['limited', 'limited', 'limited', 'limited']))
  // Those that had not begun never asked: the answer is known.
  expect(asked.toSorted()).toEqual(['a.mp4', 'b.mp4'])
  expect(queue.snapshot()[2]?.wait).toEqual({ why: 'limit', limit: '2 in a day', help: null, until: 60_000 })
  expect(queue.isSending).toBe(true)
  queue.add([fileOf('e.mp4')])
  expect(states().at(-1)).toBe('limited')
  later(59)
  expect(asked).toHaveLength(2)
  room.files = 1
  later(1)
  await soon(() => expect(uploaders).toHaveLength(1))
  await soon(() => expect(states().filter((state) => state === 'limited')).toHaveLength(4))
  expect(asked.slice(2).toSorted()).toEqual(['a.mp4', 'b.mp4'])
  const untils = queue.snapshot().flatMap(({ wait }) => wait?.until ?? [])
  expect(untils).toEqual([120_000, 120_000, 120_000, 120_000])
})

test('what waits for a limit is cancelled, paused or tried at once', async () => {
  const room = { files: 0 }
  const { queue, asked, states, later, uploaders } = limited('limit', room)
  queue.add(['a.mp4', 'b.mp4', 'c.mp4'].map((name) => fileOf(name)))
  await soon(() => expect(states()).toEqual(['limited', 'limited', 'limited']))
  queue.pause('new-1')
  await queue.cancel('new-2')
  expect(states()).toEqual(['paused', 'limited'])
  room.files = 1
  await queue.resume('new-3')
  await soon(() => expect(uploaders).toHaveLength(1))
  later(3600)
  expect([asked.toSorted(), states()[0]]).toEqual([['a.mp4', 'b.mp4', 'c.mp4'], 'paused'])
})

test('a portal that is busy is asked again, each time later, and not for ever', async () => {
  const { queue, asked, states, later } = limited('busy', { files: 0 })
  queue.add([fileOf('a.mp4')])
  for (const [tries, seconds] of [60, 120, 240, 480, 960].entries()) {
    await soon(() => expect([asked.length, states()]).toEqual([tries + 1, ['limited']]))
    later(seconds - 1)
    expect(states()).toEqual(['limited'])
    later(1)
  }
  await soon(() => expect(queue.snapshot()[0]).toMatchObject({ state: 'refused', error: 'busy' }))
})
