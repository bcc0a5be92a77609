import fc from 'fast-check'
import { makeShare, type Stage } from './share-driver.ts'
import {
  ADDRESSES,
  type Answer,
  BROWSERS,
  begin,
  type Move,
  type State,
  type Step,
  take,
  type Wish,
} from './share-model.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const browser = fc.constantFrom(...BROWSERS)
const people = fc.subarray([ADDRESSES[1], ADDRESSES[2], '@guests.example', '@elsewhere.example'], {
  maxLength: 2,
})
const rarely = (weight: number) => fc.oneof({ arbitrary: fc.constant(false), weight }, fc.constant(true))

const wish: fc.Arbitrary<Wish> = fc
  .record({
    access: fc.constantFrom('link', 'account'),
    password: rarely(40),
    agreement: rarely(4),
    allow: people,
    deny: people,
    maxViews: fc.option(fc.integer({ min: 1, max: 3 })),
    maxViewers: fc.option(fc.integer({ min: 1, max: 2 })),
    startsInMs: fc.option(fc.constantFrom(5 * MINUTE, 2 * HOUR), { freq: 4 }),
    livesMs: fc.constantFrom(3 * HOUR, 20 * HOUR, 48 * HOUR),
  })
  // Only who proves an address can be on a list.
  .map((made) => (made.access === 'link' ? { ...made, allow: [], deny: [] } : made)) as fc.Arbitrary<Wish>

const play: fc.Arbitrary<Step> = fc.record({ do: fc.constant('play' as const), browser })
const look: fc.Arbitrary<Step> = fc.constant({ do: 'look' })
const revoke: fc.Arbitrary<Step> = fc.constant({ do: 'revoke' })

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: play, weight: 6 },
  {
    arbitrary: fc.record({
      do: fc.constant('verify' as const),
      browser,
      with: fc.constantFrom('nothing', 'right-password', 'wrong-password', 'agreement'),
    }),
    weight: 5,
  },
  { arbitrary: fc.record({ do: fc.constant('open' as const), browser }), weight: 3 },
  {
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(MINUTE, 6 * MINUTE, 2 * HOUR, 13 * HOUR),
    }),
    weight: 3,
  },
  { arbitrary: look, weight: 2 },
  { arbitrary: fc.constant({ do: 'revoke-of-a-stranger' as const }), weight: 1 },
  { arbitrary: revoke, weight: 1 },
)

/** Presses of Watch at one moment, perhaps with a revoke among them. */
const together: fc.Arbitrary<Move> = fc
  .tuple(fc.array(play, { minLength: 1, maxLength: 3 }), fc.option(revoke, { freq: 3 }))
  .map(([plays, end]) => [...plays, ...(end ? [end] : [])])
  .filter((move) => move.length > 1)

export type Sequence = { wish: Wish; cookies: boolean[]; moves: Move[] }

export const sequence: fc.Arbitrary<Sequence> = fc.record({
  wish,
  cookies: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  moves: fc.array(
    fc.oneof({ arbitrary: step.map((one): Move => [one]), weight: 5 }, { arbitrary: together, weight: 1 }),
    { minLength: 2, maxLength: 12 },
  ),
})

export type Tally = { sequences: number; operations: number; concurrent: number }

/**
 * Takes a sequence through the portal and through the model. What happens at one moment must be answered as in some order
 * of one after the other; every order that fits is followed further.
 * @throws Error with both sides where no order fits
 */
export async function playSequence(
  stage: Stage,
  { wish, cookies, moves }: Sequence,
  tally: Tally,
): Promise<void> {
  const clock = { now: stage.t.app.clock().getTime() }
  const share = await makeShare(stage, wish, cookies, clock)
  let states: State[] = [begin(wish, clock.now)]
  const had = [...cookies]
  tally.sequences += 1
  for (const wanted of [...moves, [{ do: 'look' } as Step]]) {
    const move = withoutTwins(wanted, had)
    const answers = await Promise.all(move.map((one) => share.take(one)))
    for (const one of move) {
      if (one.do === 'wait') clock.now += one.ms
      if (one.do === 'verify' || one.do === 'play') had[one.browser] = true
    }
    tally.operations += move.length
    if (move.length > 1) tally.concurrent += 1
    const next = states.flatMap((state) => outcomes(state, told(move, answers)))
    if (next.length === 0) throw new Error(difference(states, move, answers))
    states = distinct(next)
  }
}

/** Two presses of a browser without a cookie are two browsers, which the model does not tell apart. */
function withoutTwins(move: Move, had: boolean[]): Move {
  return move.filter(
    (one, n) =>
      one.do !== 'play' ||
      had[one.browser] ||
      !move.slice(0, n).some((other) => other.do === 'play' && other.browser === one.browser),
  )
}

type Taken = { step: Step; answer: Answer; mayYield: boolean }

/** Two tabs of one browser that press Watch together: one of them may be told to ask again, and has changed nothing. */
function told(move: Move, answers: Answer[]): Taken[] {
  return move.map((step, n) => ({
    step,
    answer: answers[n] ?? null,
    mayYield:
      step.do === 'play' &&
      move.some((other, m) => m !== n && other.do === 'play' && other.browser === step.browser),
  }))
}

/** States that the model may be in after these, in whatever order they were taken. */
function outcomes(state: State, taken: Taken[]): State[] {
  if (taken.length === 0) return [state]
  return taken.flatMap(({ step, answer, mayYield }, n) => {
    const rest = without(taken, n)
    if (mayYield && answer === 'conflict') return outcomes(state, rest)
    const after = take(state, step)
    return same(after.answer, answer) ? outcomes(after.state, rest) : []
  })
}

const without = <T>(list: T[], n: number) => list.filter((_, place) => place !== n)
const same = (one: Answer, other: Answer) => JSON.stringify(one) === JSON.stringify(other)
const distinct = (states: State[]) => [
  ...new Map(states.map((state) => [JSON.stringify(state), state])).values(),
]

function difference(states: State[], move: Move, answers: Answer[]): string {
  const expected = states.map((state) => move.map((one) => take(state, one).answer))
  return `the portal answered ${JSON.stringify(answers)} to ${JSON.stringify(move)}, the model ${JSON.stringify(expected)}`
}
