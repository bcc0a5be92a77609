import { expect, it } from 'vitest'
import { percentile } from './bench.ts'
import { probabilityLarger } from './rank.ts'

it.each([
  [[3, 1, 2], 50, 2],
  [[1, 2, 3, 4], 50, 2],
  [[1, 2, 3, 4], 99, 4],
  [[5], 1, 5],
  [Array.from({ length: 100 }, (_, n) => n + 1), 95, 95],
])('percentile of %j at %i is %i by nearest rank', (values, p, expected) => {
  expect(percentile(values, p)).toBe(expected)
})

it.each([
  [[1, 2], [3, 4], 0],
  [[3, 4], [1, 2], 1],
  [[1, 4], [2, 3], 0.5],
  [[1, 1], [1, 1], 0.5],
  [[1, 2], [1], 0.75],
])('a value of %j is larger than one of %j with probability %f', (ones, others, expected) => {
  expect(probabilityLarger(ones, others)).toBe(expected)
})
