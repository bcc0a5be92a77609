import { setTimeout as pause } from 'node:timers/promises'
import { DEFAULT_ABUSE_RULES } from '../../portal/src/modules/abuse/rules.ts'
import { type Outcome, SALVO } from './attack.ts'
import { ATTACKS, type Attack } from './attacks.ts'
import { ownerOf } from './known-device.ts'
import { type Normal, startNormalTraffic } from './normal-traffic.ts'
import { foreignStage, ownStage, type Stage } from './stage.ts'
import { tellAccountsApart } from './timing.ts'

export type AbuseReport = {
  scenarios: Outcome[]
  falsePositiveRate: number
  normal: Normal
  /** Whether who was attacked could not sign in on a known device; null where the drill knows nobody to try. */
  lockedOut: boolean | null
  timing: { apart: number; same: boolean; bar: number } | null
  seconds: number
  ok: boolean
}

const MOST_FALSE_POSITIVES = 0.01
const LOOKS = 40
const LOOK_MS = 250
/** Behind one office's address. */
const VIEWERS = 1000

export type DrillOptions = {
  url?: string | undefined
  key?: string | undefined
  viewers?: number
  say: (line: string) => void
  /** Ends it after the attack that is under way, and takes back what it left. */
  signal?: AbortSignal | undefined
}

/** Attacks a portal by each rule's attack while ordinary people use it, and reports what was seen, gained and spoilt. */
export async function drillAbuse({
  url,
  key,
  viewers = VIEWERS,
  say,
  signal,
}: DrillOptions): Promise<AbuseReport> {
  const stage = url ? await foreignStage(url, { key: key ?? '', say, signal }) : await ownStage(say)
  try {
    return await drillOn(stage, viewers, say, signal)
  } finally {
    await stage.stop()
  }
}

async function drillOn(
  stage: Stage,
  viewers: number,
  say: DrillOptions['say'],
  signal: DrillOptions['signal'],
): Promise<AbuseReport> {
  const began = performance.now()
  const person = stage.people.at(-1)
  const owner = person ? await ownerOf(stage, person) : null
  const timing = stage.people.length > 0 ? await tellAccountsApart(stage) : null
  const traffic = await startNormalTraffic(stage, viewers)
  signal?.addEventListener('abort', () => void traffic.stop())
  const scenarios: Outcome[] = []
  let lockedOut = owner ? false : null
  try {
    for (const attack of ATTACKS) {
      signal?.throwIfAborted()
      const outcome = withTiming(await carryOut(stage, attack), attack, timing)
      if (owner && !(await owner.onTheirDevice())) lockedOut = true
      say(
        `${outcome.name}: ${outcome.detected ? 'detected' : 'NOT DETECTED'}, ${outcome.reached} of ${outcome.tries}`,
      )
      scenarios.push(outcome)
    }
  } catch (error) {
    await traffic.stop()
    throw error
  }
  say('attacks are over: everybody else comes in')
  const normal = await traffic.end()
  signal?.throwIfAborted()
  const falsePositiveRate = (normal.refused + normal.failed) / Math.max(1, normal.requests)
  return {
    ...{ scenarios, falsePositiveRate, normal, lockedOut, timing },
    seconds: Math.round((performance.now() - began) / 1000),
    ok:
      scenarios.every(({ detected, contained }) => detected && contained) &&
      falsePositiveRate < MOST_FALSE_POSITIVES &&
      !lockedOut,
  }
}

/**
 * Who goes slowly, from many addresses, is seen by no rule and needs no containment where all answers and their times are one.
 */
function withTiming(outcome: Outcome, { isTimed }: Attack, timing: AbuseReport['timing']): Outcome {
  if (!isTimed) return outcome
  if (!timing) return { ...outcome, note: 'times are compared on a portal of the drill’s own alone' }
  const { apart, same, bar } = timing
  return {
    ...outcome,
    contained: outcome.contained && same && apart <= bar,
    note: `by time told apart ${apart.toFixed(3)} better than by a coin (bar ${bar}), ${same ? 'one answer' : 'ANSWERS DIFFER'}`,
  }
}

type Found = { items: { id: string; rule: string; enforced: boolean }[] }

/** One attack, and what the portal's staff see of it. */
export async function carryOut(stage: Stage, attack: Attack): Promise<Outcome> {
  const { name, rules, run, most = 0, isOnlyTold } = attack
  const before = await detectionsOf(stage)
  const old = new Set(before.map(({ id }) => id))
  const began = performance.now()
  const { tries, reached, reachedAfter, answers, note } = await run(stage)
  let found: string[] = []
  // Media is noticed behind its answer: the last one's may be a moment later.
  for (let look = 0; look < LOOKS && found.length < rules.length; look += 1) {
    if (look > 0) await pause(LOOK_MS)
    const fresh = (await detectionsOf(stage)).filter(({ id }) => !old.has(id))
    found = rules.filter((rule) => fresh.some((one) => one.rule === rule && one.enforced))
  }
  const allowed = isOnlyTold
    ? 0
    : Math.max(...rules.map((rule) => DEFAULT_ABUSE_RULES[rule].threshold)) + SALVO
  return {
    ...{ name, rules: found, tries, reached, reachedAfter, answers },
    ...(note ? { note } : {}),
    detected: found.length === rules.length,
    contained: reachedAfter <= most && reached <= allowed,
    seconds: Math.round((performance.now() - began) / 100) / 10,
  }
}

const detectionsOf = async (stage: Stage) =>
  (await stage.staff<Found>('GET', '/api/admin/abuse/detections?limit=200')).items
