import { randomUUID } from 'node:crypto'
import { probabilityLarger } from '../load/rank.ts'
import { newAddress, type Seen, somebody } from './ask.ts'
import type { Stage } from './stage.ts'

/** Of each account, so many wrong passwords: one fewer than the rule for one account wants. */
const TRIES = 9
const PEOPLE = 8
/** Two samples of this size that are the same are further apart by chance once in a few thousand drills. */
const BAR = 0.17

/**
 * Asks for accounts that exist and for such that don't, in turns, from addresses that nobody has seen: whether the answer or
 * its time tells them apart. `bench refusals` measures the same of links with thousands of requests.
 */
export async function tellAccountsApart(
  stage: Stage,
): Promise<{ apart: number; same: boolean; bar: number }> {
  const known = stage.people.slice(0, PEOPLE).map(({ email }) => email)
  const unknown = known.map(() => `${randomUUID()}@example.com`)
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  const answers = new Set<string>()
  for (let n = 0; n < TRIES; n += 1)
    for (let who = 0; who < known.length; who += 1)
      // Which of the two comes first changes from turn to turn.
      for (const kind of (n + who) % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
        const email = (kind === 'known' ? known : unknown)[who]
        const body = { email, password: 'not their password' }
        const seen = await somebody(stage.origin, newAddress()).ask({
          ...{ method: 'POST', path: '/api/auth/sign-in/email', body },
        })
        times[kind].push(seen.took)
        answers.add(whatIsSeen(seen))
      }
  return {
    apart: Math.abs(probabilityLarger(times.known, times.unknown) - 0.5),
    same: answers.size === 1,
    bar: BAR,
  }
}

const whatIsSeen = ({ status, json, headers }: Seen) =>
  JSON.stringify([status, { ...json, instance: null }, [...headers.keys()].sort()])
