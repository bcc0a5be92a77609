import type { TestApp } from '../support/test-app.ts'
import { type Example, nextSerial, unconditional } from './example.ts'

async function runningDetection(t: TestApp): Promise<string> {
  const id = `abd_matrix${nextSerial()}`
  const at = t.app.clock()
  await t.app.pool.query(
    `insert into abuse_detections (id, rule, subject, policy_version, threshold, enforced, action, detected_at, until)
     values ($1, 'webhook-spoofing', $1, 0, 20, false, 'block', $2, $3)`,
    [id, at, new Date(at.getTime() + 60_000)],
  )
  return id
}

/** Detection of abuse. */
export const ABUSE_EXAMPLES: Record<string, Example> = {
  'abuse.get': unconditional(),
  'abuse.history': unconditional(),
  'abuse.detections': unconditional(),
  'abuse.set': unconditional(async (_objects, t) => {
    const { rows } = await t.app.pool.query(
      'select coalesce(max(version), 0)::int version from abuse_policies',
    )
    return { version: rows[0].version, rules: {}, reason: 'matrix of rights' }
  }),
  'abuse.detect': unconditional(async () => ({
    rule: 'webhook-spoofing',
    subject: `matrix ${nextSerial()}`,
    seen: 20,
  })),
  'abuse.let-go': unconditional(async (_objects, t) => ({
    id: await runningDetection(t),
    reason: 'matrix of rights',
  })),
}
