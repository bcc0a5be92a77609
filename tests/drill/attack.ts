import type { Request, Seen, Somebody } from './ask.ts'

/** What an attack came to. */
export type Outcome = {
  name: string
  /** Rules that detected it, as the portal's staff see it. */
  rules: string[]
  detected: boolean
  contained: boolean
  /** Requests of the attack. */
  tries: number
  /** Of them, those that reached what they were after: a verifier, a table, a video. */
  reached: number
  /** Of those, the ones asked for after the portal had first answered by a rule of abuse. */
  reachedAfter: number
  /** Answers by status. */
  answers: Record<number, number>
  seconds: number
  note?: string
}

export type Shot = Request & { from: Somebody }
export type Volley = {
  tries: number
  reached: number
  reachedAfter: number
  answers: Record<number, number>
  note?: string
}

/** How many attempts are under way at once. */
export const SALVO = 4

/**
 * Fires one shot after the other, some at once. What is asked for after the first answer by a rule of abuse and still
 * reaches its aim is what containment lets through; what was under way at that moment is not.
 */
export async function fire(shots: readonly Shot[], hasReached = reachesDefault): Promise<Volley> {
  const queue = [...shots]
  const volley: Volley = { tries: 0, reached: 0, reachedAfter: 0, answers: {} }
  let answered = false
  const worker = async () => {
    for (let shot = queue.shift(); shot; shot = queue.shift()) {
      const late = answered
      const seen = await shot.from.ask(shot)
      volley.tries += 1
      volley.answers[seen.status] = (volley.answers[seen.status] ?? 0) + 1
      if (seen.byAbuse) answered = true
      if (!hasReached(seen)) continue
      volley.reached += 1
      if (late) volley.reachedAfter += 1
    }
  }
  await Promise.all(Array.from({ length: SALVO }, worker))
  return volley
}

/** Whatever was judged on its merits: neither throttled nor failed. */
const reachesDefault = ({ status }: Seen) => status !== 429 && status < 500
