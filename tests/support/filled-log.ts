import { recordEvent } from '../../portal/src/modules/audit/record.ts'
import { shareEvent } from './audit-log.ts'
import type { TestApp } from './test-app.ts'

/** Adds events until the log has so many, in turn a share, playback, revocation and one with a person in it. */
export async function fillLog(t: Pick<TestApp, 'app' | 'auditLog'>, size: number): Promise<string[]> {
  const { pool } = t.app
  const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from audit_events')
  const had = rows[0]?.n ?? 0
  const ids: string[] = []
  const actions = ['share.create', 'playback.issue', 'share.revoke', 'identity.invite']
  for (let n = had; n < size; n += 1) {
    const action = actions[n % actions.length] as string
    const personal =
      action === 'identity.invite'
        ? {
            subject: `viewer${n % 7}@example.org`,
            data: { email: `viewer${n % 7}@example.org`, name: 'Ngaire Tui' },
          }
        : undefined
    const target = { type: 'share', id: `shr_${n}` }
    const event = shareEvent({ action, target, time: t.app.clock(), details: { n }, personal })
    ids.push((await recordEvent(pool, event, t.auditLog.subjectKeys)).id)
  }
  await t.auditLog.sequencer.checkpoint()
  return ids
}
