import { expect, it } from 'vitest'
import { GIVE_UP_AFTER_MS, MAX_ATTEMPTS, nextAttemptAt } from './backoff.ts'

const at = new Date('2026-11-01T00:00:00Z')
const minutes = (count: number) => count * 60_000

it('waits 5 s, 30 s, 2 min, 10 min, 30 min, then an hour each time', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map(
    (failures) => nextAttemptAt(at, at, failures, 0)!.getTime() - at.getTime(),
  )
  expect(delays).toEqual([5000, 30_000, minutes(2), minutes(10), minutes(30), minutes(60), minutes(60)])
})

it('makes each wait up to a fifth longer by chance', () => {
  expect(nextAttemptAt(at, at, 1, 0.999)!.getTime() - at.getTime()).toBeGreaterThan(5990)
  expect(nextAttemptAt(at, at, 1, 0.999)!.getTime() - at.getTime()).toBeLessThan(6000)
})

it('goes on for a day and then gives up, within the announced number of attempts', () => {
  let now = at
  let attempts = 1
  for (let next = nextAttemptAt(at, now, attempts, 0); next; next = nextAttemptAt(at, now, attempts, 0)) {
    now = next
    attempts += 1
  }
  expect(now.getTime() - at.getTime()).toBeLessThanOrEqual(GIVE_UP_AFTER_MS)
  expect(now.getTime() - at.getTime()).toBeGreaterThan(GIVE_UP_AFTER_MS - minutes(61))
  expect(attempts).toBeLessThanOrEqual(MAX_ATTEMPTS)
})
