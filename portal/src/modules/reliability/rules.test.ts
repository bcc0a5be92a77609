import fc from 'fast-check'
import { expect, it } from 'vitest'
import { histogramOf } from './rules.ts'

const times = fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 200 })
const bound = fc.constantFrom(0, 1000, 300_000)

it('[SPS-02] every time stands in exactly one class, and the classes beyond the bound hold those beyond it', () => {
  fc.assert(
    fc.property(times, bound, (ms, boundMs) => {
      const { classes, count, beyond, max, p50, p99 } = histogramOf(ms, boundMs)
      const sum = (rows: { count: number }[]) => rows.reduce((all, row) => all + row.count, 0)
      expect(count).toBe(ms.length)
      expect(sum(classes)).toBe(ms.length)
      expect(beyond).toBe(ms.filter((one) => one > boundMs).length)
      expect(sum(classes.filter((row) => row.beyond))).toBe(beyond)
      if (ms.length === 0) {
        expect([max, p50, p99]).toEqual([null, null, null])
        return
      }
      expect(max).toBe(Math.max(...ms))
      expect(ms).toContain(p50)
      expect(ms.filter((one) => one <= p99!).length).toBeGreaterThanOrEqual(ms.length * 0.99)
    }),
  )
})

it('shows the bound’s own class where nothing took that long', () => {
  expect(histogramOf([12, 40], 1000)).toMatchObject({ p50: 12, p99: 40, max: 40, beyond: 0 })
  expect(histogramOf([12, 40], 1000).classes.at(-1)).toEqual({ upToMs: 1000, count: 0, beyond: false })
  expect(histogramOf([], 0).classes).toEqual([{ upToMs: 0, count: 0, beyond: false }])
})
