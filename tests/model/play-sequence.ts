import { type Played, playShares } from './share-driver.ts'
import { type Answer, begin, type Move, type State, type Step } from './share-model.ts'
import type { Sequence } from './share-sequences.ts'
import type { Stage } from './stage.ts'
import { take } from './take-step.ts'

/** What was played, and how often each step was and did something. */
export type Tally = {
  sequences: number
  operations: number
  concurrent: number
  /** By step: how often it was taken, and how often it was granted. */
  steps: Record<string, { taken: number; granted: number }>
}

export const newTally = (): Tally => ({ sequences: 0, operations: 0, concurrent: 0, steps: {} })

/**
 * Takes a sequence through the portal and through the model. What happens at one moment must be answered as in some order
 * of one after the other; every order that fits is followed further.
 * @throws Error with both sides where no order fits
 */
export async function playSequence(
  stage: Stage,
  { wishes, cookies, moves }: Sequence,
  tally: Tally,
): Promise<void> {
  const played = await playShares(stage, wishes, cookies)
  let states: State[] = [begin(wishes, stage.t.app.clock().getTime())]
  tally.sequences += 1
  const end = wishes.map((_, share): Move => [{ do: 'look', share }])
  for (const wanted of [...moves, ...end]) {
    const move = withoutTwins(wanted, played)
    const answers = await Promise.all(move.map((one) => played.take(one)))
    count(tally, move, answers)
    const next = states.flatMap((state) => outcomes(state, told(move, answers)))
    if (next.length === 0) throw new Error(difference(states, move, answers))
    states = distinct(next)
  }
}

function count(tally: Tally, move: Move, answers: Answer[]): void {
  tally.operations += move.length
  if (move.length > 1) tally.concurrent += 1
  move.forEach((step, n) => {
    tally.steps[step.do] ??= { taken: 0, granted: 0 }
    const counted = tally.steps[step.do] as { taken: number; granted: number }
    counted.taken += 1
    if (typeof answers[n] !== 'string') counted.granted += 1
  })
}

/** Two requests of a browser without a cookie are two browsers, which the model does not tell apart. */
function withoutTwins(move: Move, played: Played): Move {
  return move.filter(
    (one, n) =>
      !isVisit(one) ||
      played.hasCookie(one.browser) ||
      !move.slice(0, n).some((other) => isVisit(other) && other.browser === one.browser),
  )
}

const isVisit = (step: Step): step is Visit => step.do === 'play' || step.do === 'verify'

type Visit = Extract<Step, { do: 'play' | 'verify' }>
type Taken = { step: Step; answer: Answer; mayYield: boolean }

const told = (move: Move, answers: Answer[]): Taken[] =>
  move.map((step, n) => ({
    step,
    answer: answers[n] ?? null,
    mayYield: move.some((other, m) => m !== n && mayDisturb(other, step) && typeof answers[m] !== 'string'),
  }))

const OWNERS = ['extend', 'schedule', 'cancel', 'decide-extension']
const STOPS = ['release', 'request', 'decide']

/**
 * Whether one of two steps at one moment may be told to ask again because the other was granted, and has changed
 * nothing: two tabs of a browser, a viewer who is being stopped, two changes of a share's end, proofs of devices that
 * overtake each other.
 */
function mayDisturb(other: Step, step: Step): boolean {
  if (OWNERS.includes(step.do)) return OWNERS.includes(other.do)
  if (!isVisit(step)) return false
  return isVisit(other) || STOPS.includes(other.do)
}

/** States that the model may be in after these, in whatever order they were taken. */
function outcomes(state: State, taken: Taken[]): State[] {
  if (taken.length === 0) return [state]
  return taken.flatMap(({ step, answer, mayYield }, n) => {
    const rest = taken.filter((_, place) => place !== n)
    if (mayYield && isYield(state, step, answer)) return outcomes(state, rest)
    const after = take(state, step)
    return same(after.answer, answer) ? outcomes(after.state, rest) : []
  })
}

function isYield(state: State, step: Step, answer: Answer): boolean {
  if (answer === 'conflict') return true
  return isVisit(step) && answer === 'refused' && state.shares[step.share]?.wish.oneDevice === true
}

const same = (one: Answer, other: Answer) => JSON.stringify(one) === JSON.stringify(other)
const distinct = (states: State[]) => [
  ...new Map(states.map((state) => [JSON.stringify(state), state])).values(),
]

function difference(states: State[], move: Move, answers: Answer[]): string {
  const expected = states.map((state) => move.map((one) => take(state, one).answer))
  return `the portal answered ${JSON.stringify(answers)} to ${JSON.stringify(move)}, the model ${JSON.stringify(expected)}`
}
