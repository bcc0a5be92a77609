import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Admissions } from '../support/admissions.ts'
import type { NodeOptions, Order, Played, StoreName } from './node.ts'
import { scheduleOf } from './schedule.ts'

const NODE = fileURLToPath(new URL('./node.ts', import.meta.url))
/** Schedules at once: as many keys are contended for at the same time. */
const CHUNK = 1000

export type Outcome = {
  store: StoreName
  schedules: number
  admitted: number
  refused: number
  /** Never answered, however often it was asked again. */
  failed: number
  /** Why there was no answer at first, how often. */
  unanswered: Record<string, number>
  /** Schedules in which more than burst + rate·t was admitted. */
  violations: number
  /** By how many units the worst was over; none: 0. */
  worst: number
  seconds: number
}

/** Plays `count` schedules on two processes over one store, and holds what was admitted against burst + rate·t. */
export async function playSchedules(
  options: Omit<NodeOptions, 'node'>,
  count: number,
  say: (done: number) => void,
): Promise<Outcome> {
  const began = performance.now()
  const parts = options.store === 'memory' ? (['both'] as const) : ([0, 1] as const)
  const nodes = parts.map((node) => fork(NODE, [JSON.stringify({ ...options, node })], { execArgv: [] }))
  const none = { schedules: 0, admitted: 0, refused: 0, failed: 0, violations: 0, worst: 0 }
  const outcome = { store: options.store, ...none, unanswered: {} }
  const play = (first: number) => {
    const order: Order = { first, count: Math.min(CHUNK, count - first) }
    return { order, played: Promise.all(nodes.map((node) => ask(node, order))) }
  }
  try {
    let next = play(0)
    for (let first = 0; first < count; first += CHUNK) {
      const { order, played } = next
      const admissions = await played
      // The nodes play on while this is judged.
      if (first + CHUNK < count) next = play(first + CHUNK)
      judge(options.seed, order, admissions, outcome)
      outcome.schedules += order.count
      say(outcome.schedules)
    }
  } finally {
    for (const node of nodes) if (node.connected) node.disconnect()
    for (const node of nodes) if (node.exitCode === null) await once(node, 'exit')
  }
  return { ...outcome, seconds: Math.round((performance.now() - began) / 100) / 10 }
}

async function ask(node: ChildProcess, order: Order): Promise<Played> {
  const over = new AbortController()
  const { signal } = over
  try {
    const ended = once(node, 'exit', { signal }).then(([code]) => {
      throw new Error(`a node ended with ${code}`)
    })
    // Where it is not what ends the race, nobody waits for it.
    ended.catch(() => {})
    node.send(order)
    const [played] = (await Promise.race([once(node, 'message', { signal }), ended])) as [Played]
    return played
  } finally {
    over.abort()
  }
}

function judge(
  seed: number,
  { first, count }: Order,
  played: Played[],
  outcome: Omit<Outcome, 'seconds'>,
): void {
  const schedules = Array.from({ length: count }, (_, at) => new Admissions(scheduleOf(seed, first + at)))
  for (const { admissions, refused, failed, unanswered } of played) {
    outcome.admitted += admissions.length
    outcome.refused += refused
    outcome.failed += failed
    for (const [why, times] of Object.entries(unanswered))
      outcome.unanswered[why] = (outcome.unanswered[why] ?? 0) + times
    for (const [n, atUs, cost] of admissions) schedules[n - first]?.add(atUs, cost)
  }
  for (const one of schedules) {
    const excess = one.excess()
    if (excess > 0) outcome.violations += 1
    outcome.worst = Math.max(outcome.worst, excess)
  }
}
