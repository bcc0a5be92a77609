import { describe, expect, it } from 'vitest'
import type { TelemetryView } from '../answers.ts'
import { type ChartLine, latestOf, rowsOf, totalOf, totalsBy } from './chart-spans.ts'

const point = (minute: number, sum: number, p95: number | null = null) => ({
  ...{ at: `2026-11-21T10:0${minute}:00Z`, sum, count: 1 },
  ...{ p50: null, p95 },
})
const VIEW: TelemetryView = {
  range: '1h',
  from: '2026-11-21T10:00:00.000Z',
  until: '2026-11-21T10:04:00.000Z',
  spanSeconds: 60,
  freshAt: null,
  objectives: [],
  series: [
    { metric: 'failed', labels: { reason: 'lost' }, points: [point(1, 2), point(3, 1)] },
    { metric: 'failed', labels: { reason: 'empty' }, points: [point(1, 4, 8)] },
    { metric: 'depth', labels: {}, points: [point(1, 7), point(2, 3)] },
  ],
}
const line = (more: Partial<ChartLine>): ChartLine => ({
  ...{ name: 'a line', metric: 'failed', value: 'sum', gap: 'zero', look: 'ink' },
  ...more,
})
const column = (more: Partial<ChartLine>) => rowsOf(VIEW, [line(more)]).map(({ values }) => values[0])

describe('rows of a chart', () => {
  it('fill every span: with nothing, with the same, or with what is not known', () => {
    expect(column({})).toEqual([0, 6, 0, 1])
    expect(column({ labels: { reason: 'empty' } })).toEqual([0, 4, 0, null])
    expect(column({ metric: 'depth', gap: 'same' })).toEqual([null, 7, 3, 3])
    expect(column({ value: 'p95', gap: 'unknown', per: 2 })).toEqual([null, 4, null, null])
    expect(column({ labels: { reason: 'lost' } })).toEqual([0, 2, 0, 1])
  })

  it('add up, apart and together', () => {
    expect(totalsBy(VIEW, 'failed', 'reason')).toEqual([
      ['empty', 4],
      ['lost', 3],
    ])
    expect(totalOf(VIEW, 'failed')).toBe(7)
    expect(totalOf(VIEW, 'failed', { reason: 'empty' })).toBe(4)
    expect([latestOf(VIEW, 'depth'), latestOf(VIEW, 'none')]).toEqual([3, null])
  })
})
