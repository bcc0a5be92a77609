import { describe, expect, it } from 'vitest'
import { judgeMetrics, quantileOf, type Readings } from './judge-metrics.ts'

const QUIET: Readings = {
  failedFirst: { hour: 0, fiveMinutes: 0 },
  appliedFirst: { hour: 1000, fiveMinutes: 80 },
  refusedSignatures: { fiveMinutes: 0, halfHour: 0 },
  deadLetters: { depth: 0, oldestSeconds: 0 },
  replayP95Seconds: null,
  looks: { up: 5, down: 0 },
}
const verdictOn = (key: string, change: Partial<Readings>) =>
  judgeMetrics({ ...QUIET, ...change }).find((verdict) => verdict.key === key)?.is

describe('alert rules', () => {
  it('are all clear when nothing is wrong', () => {
    expect(judgeMetrics(QUIET).map(({ is }) => is)).toEqual(Array(6).fill('cleared'))
  })

  it('open at ten dead letters and close below five, so that they do not flap [UTM-02]', () => {
    const depth = (n: number) =>
      verdictOn('dead_letters.depth', { deadLetters: { depth: n, oldestSeconds: 1 } })
    expect([4, 5, 9, 10].map(depth)).toEqual(['cleared', 'hold', 'hold', 'raised'])
  })

  it('open for old dead letters and for slow replays [UTM-03]', () => {
    const old = { deadLetters: { depth: 1, oldestSeconds: 7 * 3600 } }
    expect(verdictOn('dead_letters.oldest_age', old)).toBe('raised')
    expect(verdictOn('dead_letters.replay_latency', { replayP95Seconds: 31 })).toBe('raised')
    expect(verdictOn('dead_letters.replay_latency', { replayP95Seconds: 30 })).toBe('cleared')
  })

  it('open for forged webhooks in numbers, and close when none came for half an hour [UTM-02]', () => {
    const signatures = (fiveMinutes: number, halfHour: number) =>
      verdictOn('webhooks.signature_failures', { refusedSignatures: { fiveMinutes, halfHour } })
    expect([signatures(19, 19), signatures(20, 20), signatures(0, 30), signatures(0, 0)]).toEqual([
      'hold',
      'raised',
      'hold',
      'cleared',
    ])
  })

  it('open when both windows burn the month’s budget fast, not for a single failure or an old one [MUX-N1]', () => {
    const ratio = (failed: [number, number], applied: [number, number]) =>
      verdictOn('webhooks.failure_ratio', {
        failedFirst: { hour: failed[0], fiveMinutes: failed[1] },
        appliedFirst: { hour: applied[0], fiveMinutes: applied[1] },
      })
    expect(ratio([1, 1], [5, 0])).toBe('hold')
    expect(ratio([80, 10], [920, 70])).toBe('raised')
    expect(ratio([80, 0], [920, 80])).toBe('cleared')
    expect(ratio([4, 4], [996, 76])).toBe('cleared')
  })

  it('open when the dashboards do not answer', () => {
    expect(verdictOn('dashboards.down', { looks: { up: 0, down: 3 } })).toBe('raised')
    expect(verdictOn('dashboards.down', { looks: { up: 1, down: 4 } })).toBe('cleared')
    expect(verdictOn('dashboards.down', { looks: { up: 0, down: 2 } })).toBe('hold')
  })
})

describe('a quantile of a histogram', () => {
  it('lies between the bounds of its bucket', () => {
    expect(quantileOf([0, 10, 0, 0], [1, 2, 4], 0.5)).toBe(1.5)
    expect(quantileOf([5, 5, 0, 0], [1, 2, 4], 0.5)).toBe(1)
    expect(quantileOf([0, 0, 0, 3], [1, 2, 4], 0.95)).toBe(4)
    expect(quantileOf([0, 0, 0, 0], [1, 2, 4], 0.95)).toBeNull()
  })
})
