import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addSegments,
  countParts,
  creditAfter,
  firstCredit,
  fractionSeen,
  heatOf,
  lengthOf,
  markBatch,
  type Run,
  type Segment,
  startOfPart,
} from './rules.ts'

const HOUR = 3_600_000
const duration = fc.integer({ min: 1, max: 12 * HOUR })
const empty = (durationMs: number) => new Array<number>(countParts(durationMs)).fill(0)
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/** A video's length with stretches inside it. */
const played = duration.chain((durationMs) =>
  fc.record({
    durationMs: fc.constant(durationMs),
    segments: fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: durationMs }), fc.integer({ min: 0, max: durationMs }))
        .map(([a, b]): Segment => [Math.min(a, b), Math.max(a, b)]),
      { maxLength: 20 },
    ),
  }),
)

describe('parts of a video', () => {
  it('divide it without a gap, into a hundred to six hundred', () => {
    fc.assert(
      fc.property(duration, (durationMs) => {
        const count = countParts(durationMs)
        expect(count).toBeGreaterThanOrEqual(100)
        expect(count).toBeLessThanOrEqual(600)
        expect([startOfPart(0, count, durationMs), startOfPart(count, count, durationMs)]).toEqual([
          0,
          durationMs,
        ])
      }),
    )
  })

  it('hold exactly what was played, each millisecond in one of them', () => {
    fc.assert(
      fc.property(played, ({ durationMs, segments }) => {
        expect(sum(addSegments(empty(durationMs), durationMs, segments))).toBe(lengthOf(segments))
      }),
    )
  })

  it('come out the same however a stretch is cut and in whatever order it is reported', () => {
    fc.assert(
      fc.property(played, fc.double({ min: 0, max: 1, noNaN: true }), ({ durationMs, segments }, place) => {
        const cut = segments.flatMap(([from, to]): Segment[] => {
          const middle = from + Math.floor((to - from) * place)
          return [
            [middle, to],
            [from, middle],
          ]
        })
        const whole = addSegments(empty(durationMs), durationMs, segments)
        const batches = cut.reduce((parts, one) => addSegments(parts, durationMs, [one]), empty(durationMs))
        expect(batches).toEqual(whole)
      }),
    )
  })

  it('count what lies outside of the video as nothing', () => {
    const parts = addSegments(empty(10_000), 10_000, [
      [-500, 100],
      [9_900, 12_000],
      [20_000, 30_000],
    ])
    expect(sum(parts)).toBe(200)
    expect([parts[0], parts[99]]).toEqual([100, 100])
  })
})

describe('how much was seen', () => {
  it('counts each part once, and never more than the whole', () => {
    fc.assert(
      fc.property(played, ({ durationMs, segments }) => {
        const parts = addSegments(empty(durationMs), durationMs, segments)
        const once = fractionSeen(parts, durationMs)
        expect(once).toBeGreaterThanOrEqual(0)
        expect(once).toBeLessThanOrEqual(1)
        const twice = fractionSeen(addSegments(parts, durationMs, [[0, durationMs]]), durationMs)
        expect(twice).toBe(1)
      }),
    )
  })
})

describe('the strip', () => {
  it('holds what everybody played, all together', () => {
    const people = fc.array(played, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(people, fc.integer({ min: 1, max: 100 }), (everybody, stretches) => {
        const durationMs = everybody[0]?.durationMs ?? 1
        const parts = everybody.map(({ segments }) => addSegments(empty(durationMs), durationMs, segments))
        const strip = heatOf(parts, durationMs, stretches)
        const total = sum(parts.map((one) => sum(one))) / 1000
        expect(Math.abs(sum(strip.map((part) => part.playedSeconds)) - total)).toBeLessThan(
          0.001 * stretches + 0.001,
        )
        for (const part of strip) expect(part.viewers).toBeLessThanOrEqual(everybody.length)
      }),
    )
  })

  it('tells people from playing again', () => {
    const once = addSegments(empty(100_000), 100_000, [[0, 50_000]])
    const again = addSegments(once, 100_000, [[0, 10_000]])
    const [first, middle, , , , last] = heatOf([once, again], 100_000, 10).filter(
      (_, at) => at % 2 === 0 || at === 9,
    )
    expect(first).toMatchObject({ fromSeconds: 0, toSeconds: 10, viewers: 2, replays: 1, playedSeconds: 30 })
    expect(middle).toMatchObject({ viewers: 2, replays: 0, playedSeconds: 20 })
    expect(last).toMatchObject({ viewers: 0, replays: 0, playedSeconds: 0 })
  })
})

describe('a batch', () => {
  it('counts once, in whatever order batches come and however often', () => {
    const seqs = fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 80 })
    fc.assert(
      fc.property(seqs, (sent) => {
        let runs: Run[] = []
        const counted: number[] = []
        for (const seq of sent) {
          const marked = markBatch(runs, 'player-1', seq)
          if (!marked) continue
          runs = marked
          counted.push(seq)
        }
        expect(counted.toSorted((a, b) => a - b)).toEqual([...new Set(sent)].toSorted((a, b) => a - b))
      }),
    )
  })

  it('of another player is another batch; the players are bounded', () => {
    let runs: Run[] = []
    for (let n = 0; n < 20; n += 1) runs = markBatch(runs, `player-${n}`, 1) ?? runs
    expect(runs).toHaveLength(8)
    expect(markBatch(runs, 'player-19', 1)).toBeNull()
    expect(markBatch(runs, 'player-20', 1)).not.toBeNull()
  })
})

describe('credit', () => {
  it('grows by twice the time, and only so far', () => {
    expect(firstCredit(15_000)).toBe(33_000)
    expect(creditAfter(0, 10_000)).toBe(20_000)
    expect(creditAfter(5, -10_000)).toBe(5)
    expect(creditAfter(0, 24 * HOUR)).toBe(1_200_000)
  })
})
