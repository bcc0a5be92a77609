import type { TestApp } from '../support/test-app.ts'
import { insertColleague } from './account-objects.ts'
import { type Example, unconditional } from './example.ts'
import type { User } from './people.ts'

let serial = 0

/** A colleague's request for a higher limit that waits for an answer. */
async function askedOverride(t: TestApp, mine: User, askedBy?: string): Promise<string> {
  const id = `lov_matrix${++serial}`
  const at = t.app.clock()
  await t.app.pool.query(
    `insert into limit_overrides (id, limit_class, subject_kind, subject_id, quota, reason, asked_by, asked_at, expires_at)
     values ($1, 'upload', 'user', $2, 40, 'matrix of rights', $2, $3, $4)`,
    [id, askedBy ?? (await insertColleague(t, mine)), at, new Date(at.getTime() + 60_000)],
  )
  return id
}

/** Limits of requests. */
export const LIMIT_EXAMPLES: Record<string, Example> = {
  'limit.get': unconditional(),
  'limit.history': unconditional(),
  'limit.throttlings': unconditional(),
  'limit.set': unconditional(async (_objects, t) => {
    const { rows } = await t.app.pool.query(
      'select coalesce(max(version), 0)::int version from limit_policies',
    )
    return { version: rows[0].version, rules: {}, reason: 'matrix of rights' }
  }),
  'limit.budget': unconditional(),
  // Normal takes nothing away from the cells that come after.
  'limit.set-budget': unconditional(async (_objects, t) => ({
    level: 'normal',
    reason: 'matrix of rights',
    until: new Date(t.app.clock().getTime() + 60_000).toISOString(),
  })),
  'limit.overrides': unconditional(),
  'limit.own-overrides': unconditional(),
  'limit.own-standing': unconditional(),
  'limit.ask-override': {
    ...unconditional(async (_objects, t, mine) => {
      await t.app.pool.query('delete from limit_overrides')
      const expiresAt = new Date(t.app.clock().getTime() + 60_000).toISOString()
      return {
        class: 'upload',
        subject: { kind: 'user', id: mine.id },
        quota: 40,
        reason: 'matrix of rights',
        expiresAt,
      }
    }),
    usersOnly: true,
  },
  'limit.approve-override': unconditional(async (_objects, t, mine) => ({
    id: await askedOverride(t, mine),
  })),
  'limit.decline-override': unconditional(async (_objects, t, mine) => ({
    id: await askedOverride(t, mine),
  })),
  'limit.end-override': {
    ...unconditional(async (_objects, t, mine) => ({ id: await askedOverride(t, mine, mine.id) })),
    usersOnly: true,
  },
}
