import { afterAll, beforeAll, expect, it } from 'vitest'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { until } from '../../../../tests/support/until.ts'
import { createShare } from './create-share.ts'
import { verifyViewer } from './verify-viewer.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
})
afterAll(async () => await t?.stop())

it('[SPS-02] [ASVS-15.4.2] a step at the gate that meets a revoke half way leaves no session behind, and is refused', async () => {
  const agency = await t.person('agency')
  const videoId = await t.video(agency)
  const made = await t.app.call(createShare, { videoId, access: 'email' }, t.app.newContext(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const revoke = await t.app.pool.connect()
  try {
    await revoke.query('begin')
    await revoke.query(
      `update shares set revoked_at = $2, revoke_reason = 'other', revoked_by = $3 where id = $1`,
      [made.id, t.app.clock(), agency.id],
    )
    const step = { token: made.token, cookie: null, email: 'guest@example.com' }
    let settled = false
    const verified = t.app
      .call(verifyViewer, step, t.app.newContext(ANONYMOUS))
      .then(
        () => 'let in',
        (error: { code?: string }) => error.code,
      )
      .finally(() => {
        settled = true
      })
    await until('the step to wait for the revoke, or to end', async () => settled || (await someoneWaits()))
    await revoke.query('commit')
    expect(await verified).toBe('forbidden')
  } finally {
    revoke.release()
  }
  const { rows } = await t.app.pool.query('select 1 from viewer_sessions where share_id = $1', [made.id])
  expect(rows).toHaveLength(0)
})

async function someoneWaits(): Promise<boolean> {
  const { rows } = await t.app.pool.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length > 0
}
