import { expect, it } from 'vitest'
import { runRetention } from '#portal/modules/privacy/run-retention.ts'
import { createTestApp } from '../../../../tests/support/test-app.ts'
import { askOverride } from './ask-override.ts'
import { limiterOf } from './check-request.ts'
import { setBudgetLevel } from './set-budget-level.ts'

const DAY_MS = 86_400_000

it('[RLA-02] [RLA-03] keeps throttlings for 180 days, overrides and budget levels for a year after their end', async () => {
  const t = await createTestApp()
  const command = () => t.app.newContext({ kind: 'command', id: 'os:0' })
  const left = async () => {
    await t.app.call(runRetention, { dry: false }, command())
    const { rows } = await t.app.pool.query(
      `select (select count(*)::int from limit_throttlings) throttlings, (select count(*)::int from limit_counts) counts,
         (select count(*)::int from limit_overrides) overrides, (select count(*)::int from budget_levels) levels`,
    )
    return rows[0]
  }
  const agency = await t.person('agency')
  const limiter = limiterOf(t.app)
  for (let n = 0; n < 21; n += 1) await limiter.check('upload', { user: agency.id })
  await limiter.flush()
  const until = new Date(t.app.clock().getTime() + DAY_MS).toISOString()
  const reason = 'Festival delivery until tomorrow'
  await t.app.call(
    askOverride,
    { class: 'upload', quota: 40, reason, expiresAt: until },
    t.app.newContext(agency),
  )
  const system = t.app.newContext({ kind: 'system', id: 'cost-monitoring' })
  await t.app.call(setBudgetLevel, { level: 'warning', reason, until }, system)

  const all = { throttlings: 1, counts: 1, overrides: 1, levels: 1 }
  t.advance(179 * DAY_MS)
  expect(await left()).toEqual(all)
  t.advance(2 * DAY_MS)
  expect(await left()).toEqual({ ...all, throttlings: 0, counts: 0 })
  t.advance(184 * DAY_MS)
  expect(await left()).toEqual({ ...all, throttlings: 0, counts: 0 })
  t.advance(2 * DAY_MS)
  expect(await left()).toEqual({ throttlings: 0, counts: 0, overrides: 0, levels: 0 })
  await t.stop()
})
