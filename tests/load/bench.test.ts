import { expect, it } from 'vitest'
import { percentile } from './bench.ts'

it.each([
  [[3, 1, 2], 50, 2],
  [[1, 2, 3, 4], 50, 2],
  [[1, 2, 3, 4], 99, 4],
  [[5], 1, 5],
  [Array.from({ length: 100 }, (_, n) => n + 1), 95, 95],
])('percentile of %j at %i is %i by nearest rank', (values, p, expected) => {
  expect(percentile(values, p)).toBe(expected)
})
