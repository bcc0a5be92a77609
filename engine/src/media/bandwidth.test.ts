import fc from 'fast-check'
import { expect, it } from 'vitest'
import { measureBandwidth, targetDuration } from '#engine/media/bandwidth.ts'

it('rounds the target duration to the nearest second, at least one', () => {
  const of = (...durations: number[]) => targetDuration(durations.map((duration) => ({ duration, bytes: 1 })))
  expect([of(4.004, 3.9), of(4.5), of(0.3), of(4, 8.333)]).toEqual([4, 5, 1, 8])
})

it('measures the mean over all and the peak over the worst segment', () => {
  const segments = [
    { duration: 4, bytes: 500_000 },
    { duration: 4, bytes: 1_000_000 },
    { duration: 2, bytes: 250_000 },
  ]
  expect(measureBandwidth(segments)).toEqual({ bandwidth: 2_000_000, averageBandwidth: 1_400_000 })
})

it('counts a very short segment only together with its neighbours', () => {
  const segments = [
    { duration: 4, bytes: 500_000 },
    { duration: 0.04, bytes: 100_000 },
  ]
  const { bandwidth } = measureBandwidth(segments)
  expect(bandwidth).toBe(Math.ceil((600_000 * 8) / 4.04))
})

it('never understates a segment of at least half the target', () => {
  const segment = fc.record({
    duration: fc.double({ min: 0.1, max: 10, noNaN: true }),
    bytes: fc.nat(5_000_000),
  })
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 40 }), (segments) => {
      const { bandwidth, averageBandwidth } = measureBandwidth(segments)
      const target = targetDuration(segments)
      expect(bandwidth).toBeGreaterThanOrEqual(averageBandwidth)
      for (const { duration, bytes } of segments) {
        if (duration >= 0.5 * target && duration <= 1.5 * target) {
          expect(bandwidth).toBeGreaterThanOrEqual((bytes * 8) / duration)
        }
      }
    }),
  )
})
