import type pg from 'pg'
import type { AuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { type SearchAudit, searchAuditInput } from '../../portal/src/modules/audit/inputs.ts'
import { readReceipt } from '../../portal/src/modules/audit/receipt.ts'
import { searchEvents } from '../../portal/src/modules/audit/search.ts'
import { percentile } from './bench.ts'
import { fillAudit } from './fill-audit.ts'

export const EVENTS = 1_000_000
const WARM_RANGES = 300
const PROOFS = 1500
const ASKED = 40

export const PROOF_BAR_MS = 5
export const SEARCH_BAR_MS = 100

const DAY_MS = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString()

/** What people ask, and what costs most: frequent and rare, new and old, hits in the warm tier, none at all. */
const QUESTIONS: Record<string, Record<string, unknown>> = {
  newest: {},
  'a frequent action': { action: 'playback.issue' },
  'a rare action': { action: 'identity.invite' },
  'an action of once in a quarter million': { action: 'emergency.grant' },
  'an area': { action: 'share.' },
  'a rare area': { action: 'emergency.' },
  'an area that never was': { action: 'vendor.' },
  'an actor': { actor: 'usr_31' },
  'an actor who never was': { actor: 'usr_nobody' },
  'a target': { target: 'shr_17' },
  'a share': { share: 'shr_34' },
  refusals: { outcome: 'refused' },
  'refusals of an actor': { outcome: 'refused', actor: 'usr_62' },
  'a rare action of an actor': { action: 'share.revoke', actor: 'usr_93' },
  'failures, of which there are none': { outcome: 'failed' },
  'an old week, in the warm tier': { from: daysAgo(40), to: daysAgo(37) },
  'refusals of an old day, in the warm tier': { outcome: 'refused', from: daysAgo(40), to: daysAgo(39) },
  'a frequent word': { text: 'playback' },
  'a rare word': { text: 'invite' },
  'a word of once in a quarter million': { text: 'emergency.grant' },
  'the beginning of a request’s name': { text: 'req_77777' },
  'two words': { text: 'refused revoke' },
  'words among refusals': { text: 'expired create', outcome: 'refused' },
  'a frequent word, in the warm tier': { text: 'playback', from: daysAgo(40), to: daysAgo(37) },
  'a word that never was': { text: 'vendor' },
  'frequent words that never meet': { text: 'playback.issue share.create' },
  'a beginning of every request’s name': { text: 'req_' },
  'a beginning that all have, and a word that never was': { text: 'req_ vendor' },
  'a frequent word where its action can’t be': { text: 'playback.issue', action: 'share.create' },
  'a frequent word of an actor': { text: 'playback', actor: 'usr_31' },
  'a frequent word of a share': { text: 'playback', share: 'shr_34' },
  'a rare word, long ago': { text: 'invite', to: daysAgo(38) },
  'a rare area, long ago': { action: 'identity.', to: daysAgo(38) },
}

export type SizeResult = {
  fillSeconds: number
  proofP50: number
  proofP95: number
  proofP99: number
  /** The question whose p95 is the highest. */
  worst: { question: string; p50: number; p95: number }
  holds: boolean
}

/** Proofs and searches at a million events, in the process that holds them. */
export async function measureSize(pool: pg.Pool, audit: AuditLog): Promise<SizeResult> {
  const begun = performance.now()
  const ids = await fillAudit(pool, audit, EVENTS, WARM_RANGES)
  const fillSeconds = (performance.now() - begun) / 1000
  const proofs = await timeProofs(audit, ids)
  const worst = await worstQuestion(pool)
  const [proofP50, proofP95, proofP99] = [50, 95, 99].map((p) => percentile(proofs, p)) as [
    number,
    number,
    number,
  ]
  return {
    ...{ fillSeconds, proofP50, proofP95, proofP99, worst },
    holds: proofP99 < PROOF_BAR_MS && worst.p95 < SEARCH_BAR_MS,
  }
}

async function timeProofs(audit: AuditLog, ids: string[]): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < PROOFS; n += 1) {
    const id = ids[(n * 7919) % ids.length] as string
    const begun = performance.now()
    const receipt = await readReceipt(audit, id)
    // The first fifty warm connections, plans and compiled code up.
    if (n >= 50) times.push(performance.now() - begun)
    if (receipt?.eventId !== id) throw new Error(`no receipt of ${id}`)
  }
  return times
}

async function worstQuestion(pool: pg.Pool): Promise<SizeResult['worst']> {
  let worst = { question: '', p50: 0, p95: 0 }
  for (const [question, asked] of Object.entries(QUESTIONS)) {
    const search: SearchAudit = searchAuditInput.parse(asked)
    const times: number[] = []
    for (let n = 0; n < ASKED; n += 1) {
      const begun = performance.now()
      const { items } = await searchEvents(pool, search)
      times.push(performance.now() - begun)
      if (items.some(({ event }) => event === null)) throw new Error(`"${question}" found what is no event`)
    }
    const [p50, p95] = [percentile(times, 50), percentile(times, 95)]
    process.stderr.write(`  ${question.padEnd(54)} ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms\n`)
    if (p95 > worst.p95) worst = { question, p50, p95 }
  }
  return worst
}
