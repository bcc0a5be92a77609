import { expect, it } from 'vitest'
import { createFreshCache } from '#engine/delivery/fresh-cache.ts'

it('asks once for all who wait, and not again while the answer is fresh', async () => {
  const cache = createFreshCache<number>(60_000, 10)
  let asked = 0
  const load = async () => {
    asked += 1
    return asked
  }
  expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1])
  expect([await cache.get('a', load), cache.peek('a'), asked]).toEqual([1, 1, 1])
  const stale = createFreshCache<number>(0, 10)
  await stale.get('a', load)
  expect(stale.peek('a')).toBeUndefined()
})

it('never gives an answer from before it was told to forget', async () => {
  const cache = createFreshCache<string>(60_000, 10)
  const answers = ['allowed', 'revoked']
  let release = () => {}
  const waiting = new Promise<void>((resolve) => {
    release = resolve
  })
  const load = async () => {
    const answer = answers.shift()!
    if (answer === 'allowed') await waiting
    return answer
  }
  const question = cache.get('a', load)
  cache.forget(() => true)
  release()
  expect(await question).toBe('revoked')
})

it('remembers neither failures nor nothing, and stays small', async () => {
  const cache = createFreshCache<number>(60_000, 3)
  await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  expect(await cache.get('a', async () => null)).toBeNull()
  expect(await cache.get('a', async () => 5)).toBe(5)
  for (const name of 'bcdefgh') await cache.get(name, async () => 1)
  expect([...'abcdefgh'].filter((name) => cache.peek(name) !== undefined).length).toBeLessThanOrEqual(3)
})
