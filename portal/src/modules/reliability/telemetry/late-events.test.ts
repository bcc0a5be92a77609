import { expect, it } from 'vitest'
import { LEAST_SECONDS, lateAfterSeconds, type Past } from './late-events.ts'

const past = (count: number, of: (n: number) => Past) => Array.from({ length: count }, (_, n) => of(n))

it('waits an hour where there is no history, and longer for what is larger than the little there is', () => {
  expect(lateAfterSeconds([], 5_000_000)).toBe(3600)
  expect(
    lateAfterSeconds(
      past(5, () => ({ seconds: 1, scale: 1000 })),
      4000,
    ),
  ).toBe(4 * 3600)
})

it('calls nothing late before ten minutes, however fast it always was', () => {
  expect(
    lateAfterSeconds(
      past(100, () => ({ seconds: 2, scale: 1 })),
      1,
    ),
  ).toBe(LEAST_SECONDS)
})

it('gives what is twice as large twice the time, and what is smaller no less than the usual', () => {
  const history = past(100, () => ({ seconds: 1000, scale: 1e9 }))
  expect(lateAfterSeconds(history, 1e9)).toBe(2000)
  expect(lateAfterSeconds(history, 2e9)).toBe(4000)
  expect(lateAfterSeconds(history, 1e6)).toBe(2000)
})

it('is not moved by one that took for ever', () => {
  const history = past(200, (n) => ({ seconds: n === 7 ? 1e6 : 1000, scale: 1 }))
  expect(lateAfterSeconds(history, 1)).toBe(2000)
})
