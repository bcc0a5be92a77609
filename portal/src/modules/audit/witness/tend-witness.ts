import type { Pool } from 'pg'
import type { App } from '#portal/platform/app.ts'
import { type Post, postOutside } from '#portal/platform/outside-post.ts'
import type { AuditLog, Witness } from '../compose-audit.ts'
import { keepCosignature } from '../cosigned.ts'
import { readCheckpoint, type StoredCheckpoint } from '../tree-store.ts'
import { type Answer, askWitness } from './ask-witness.ts'
import { refusedKey, tellRefusal } from './witness-alerts.ts'

/** A head that does not grow is cosigned again after this long: its cosignatures say that it is still the newest. */
const AGAIN_MS = 30_000
/** Whoever asks a witness has it for itself for longer than all its requests can take. */
const LEASE_MS = 45_000
const FIRST_PAUSE_MS = 5000
const LONGEST_PAUSE_MS = 60_000

export type WitnessingParts = Pick<App, 'clock' | 'log' | 'telemetry'> & {
  ports: Pick<App['ports'], 'alerts'>
}

type Claimed = { size: string; failures: number; outcome: string | null }

/** Asks one witness to cosign the newest head, where that is due and no other process is at it. */
export async function tendWitness(
  app: WitnessingParts,
  log: AuditLog,
  witness: Witness,
  post: Post = postOutside,
): Promise<Answer | null> {
  const claimed = await claim(log.pool, witness, app.clock())
  if (!claimed) return null
  const head = await readCheckpoint(log.pool)
  if (!head) return null
  const answer = await askWitness({
    ...{ runner: log.pool, post, witness, head, size: Number(claimed.size), now: app.clock },
  })
  if (answer.outcome === 'rolled_back' && (await hasGrownTo(log.pool, answer.itsSize))) return null
  await keepAnswer(app, log.pool, witness, head, claimed, answer)
  app.telemetry.add('portal.audit.cosignatures', { witness: witness.name, outcome: answer.outcome })
  return answer
}

/** Conditional, so that of several processes one asks; nobody does where the newest head is cosigned and fresh. */
async function claim(pool: Pool, { vkey, name }: Witness, now: Date): Promise<Claimed | null> {
  await pool.query(
    'insert into audit_witnesses (vkey, name, since, next_at) values ($1, $2, $3, $3) on conflict do nothing',
    [vkey, name, now],
  )
  const { rows } = await pool.query<Claimed>(
    `update audit_witnesses set next_at = $3, asked_at = $2
      where vkey = $1 and next_at <= $2
        and (outcome is distinct from 'cosigned' or cosigned_at <= $4
          or size is distinct from (select max(size) from audit_checkpoints))
      returning size, failures, outcome`,
    [vkey, now, new Date(now.getTime() + LEASE_MS), new Date(now.getTime() - AGAIN_MS)],
  )
  return rows[0] ?? null
}

/** A slower process of ours may have asked with an older head than the witness has seen from another one. */
async function hasGrownTo(pool: Pool, size: number): Promise<boolean> {
  return ((await readCheckpoint(pool))?.size ?? 0) >= size
}

async function keepAnswer(
  app: WitnessingParts,
  pool: Pool,
  witness: Witness,
  head: StoredCheckpoint,
  before: Claimed,
  answer: Answer,
): Promise<void> {
  const now = app.clock()
  if (answer.outcome === 'cosigned') {
    const { cosignature } = answer
    await keepCosignature(pool, head.size, cosignature)
    await pool.query(
      `update audit_witnesses set outcome = 'cosigned', its_size = null, size = $2, cosigned_at = $3, failures = 0,
        next_at = $4 where vkey = $1`,
      [witness.vkey, head.size, cosignature.time, new Date(now.getTime() + FIRST_PAUSE_MS)],
    )
    if (before.outcome !== 'cosigned') await app.ports.alerts.resolve(refusedKey(witness))
    return
  }
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(before.failures, 10), LONGEST_PAUSE_MS)
  await pool.query(
    `update audit_witnesses set outcome = $2, its_size = $3, failures = failures + 1, next_at = $4 where vkey = $1`,
    [
      witness.vkey,
      answer.outcome,
      'itsSize' in answer ? answer.itsSize : null,
      new Date(now.getTime() + pause),
    ],
  )
  if (before.outcome !== answer.outcome)
    app.log.warn({ witness: witness.name, ...answer }, 'a witness did not cosign the audit log')
  await tellRefusal(app, witness, head.size, answer)
}
