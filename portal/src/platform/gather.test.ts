import { expect, it } from 'vitest'
import { gather } from './gather.ts'

it('joins what is asked for at once, in its order, and never more than it may', async () => {
  const batches: number[][] = []
  const double = gather(async (asks: number[]) => {
    batches.push(asks)
    return asks.map((ask) => ask * 2)
  }, 3)
  expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8])
  expect(batches).toEqual([[1, 2, 3], [4]])
  expect(await double(5)).toBe(10)
})

it('fails all asks of a round trip that fails, and none of the next', async () => {
  let fails = true
  const ask = gather(async (asks: string[]) => {
    if (fails) throw new Error('dead line')
    return asks
  }, 10)
  const first = await Promise.allSettled([ask('a'), ask('b')])
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await ask('c')).toBe('c')
})

it('waits after a crowd until it is there again, and for nobody else', async () => {
  const batches: number[][] = []
  const ask = gather(
    async (asks: number[]) => {
      batches.push(asks)
      await new Promise(setImmediate)
      return asks
    },
    10,
    60_000,
  )
  const again = async (n: number, turns: number) => {
    for (let turn = 0; turn < turns; turn += 1) await ask(n)
  }
  const first = again(1, 4)
  // It is under way, alone, when the others come; from then on all of them share each round trip.
  await new Promise(setImmediate)
  await Promise.all([first, again(2, 3), again(3, 3), again(4, 3)])
  expect(batches.map((batch) => batch.length)).toEqual([1, 4, 4, 4])
})
