import { describe, expect, it } from 'vitest'
import { Admissions } from './admissions.ts'

const SECOND_US = 1_000_000
/** Ten at once and one a second. */
const limit = { burst: 10, emissionUs: SECOND_US }

function admitted(...all: [atSeconds: number, cost: number][]): number {
  const admissions = new Admissions(limit)
  for (const [at, cost] of all) admissions.add(at * SECOND_US, cost)
  return admissions.excess()
}

describe('[RLA-01] the measure of burst + rate·t', () => {
  it('lets pass what a limit may admit, to the last unit', () => {
    expect(admitted()).toBeLessThanOrEqual(0)
    expect(admitted([0, 10])).toBe(0)
    expect(admitted([0, 10], [1, 1], [2, 1])).toBe(0)
    expect(admitted([0, 4], [100, 10])).toBeLessThanOrEqual(0)
  })

  it('finds one unit too many, in any span and order', () => {
    expect(admitted([0, 11])).toBe(1)
    expect(admitted([50, 10], [0, 10], [50.5, 1])).toBe(0.5)
  })

  it('finds what a fixed window lets through at its edge', () => {
    // Ten in ten seconds: ten at the end of one window, ten at the beginning of the next.
    expect(admitted([9.9, 10], [10.1, 10])).toBeCloseTo(9.8)
  })
})
