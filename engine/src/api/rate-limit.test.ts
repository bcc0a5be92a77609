import { expect, it } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000)

it('limits nothing unless told to', () => {
  const limit = createRateLimit(null)
  for (let n = 0; n < 1000; n += 1) expect(limit('a', 'POST', at(0))).toBe(0)
})

it('lets a burst through, then the rate, for each credential and kind apart', () => {
  const limit = createRateLimit({ posts: 1, others: 5 })
  const allowed = (method: string, seconds: number, id = 'a') => {
    let count = 0
    while (limit(id, method, at(seconds)) === 0) count += 1
    return count
  }
  expect(allowed('POST', 0)).toBe(5)
  expect(allowed('GET', 0)).toBe(25)
  expect(allowed('PUT', 0)).toBe(0)
  expect(allowed('POST', 0, 'b')).toBe(5)
  expect(allowed('POST', 3)).toBe(3)
  expect(allowed('GET', 1)).toBe(5)
  expect(allowed('POST', 1000)).toBe(5)
})

it('says how long to wait', () => {
  const limit = createRateLimit({ posts: 0.1, others: 5 })
  expect(limit('a', 'POST', at(0))).toBe(0)
  const wait = limit('a', 'POST', at(0))
  expect(wait).toBe(10)
  expect(limit('a', 'POST', at(wait))).toBe(0)
})
