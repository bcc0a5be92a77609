import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { type Actor, ANONYMOUS } from './context.ts'
import { AppError, Refusal } from './errors.ts'
import { job } from './job.ts'
import { read, verb } from './operation.ts'
import { permits } from './permission.ts'

const noop = job({ name: 'test.noop', input: z.object({}), maxAttempts: 1, run: async () => {} })

const rename = verb({
  action: 'test.rename',
  input: z.strictObject({
    id: z.string(),
    name: z.string(),
    fault: z.enum(['none', 'audit', 'refuse', 'conflict', 'unavailable']).default('none'),
  }),
  allow: { role: 'agency' },
  async run({ tx, input, enqueue }) {
    await tx.execute(sql`update organisations set name = ${input.name} where id = ${input.id}`)
    await enqueue(noop, {})
    if (input.fault === 'refuse') throw new Refusal('not_today', { type: 'organisation', id: input.id })
    if (input.fault === 'conflict' || input.fault === 'unavailable') throw new AppError(input.fault)
    // A target type that the log's schema refuses stands for any failing audit insert.
    const type = input.fault === 'audit' ? 'NOT A TYPE' : 'organisation'
    return { result: input.name, change: { target: { type, id: input.id } } }
  },
})

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const state = async () => {
  const { rows } = await t.app.pool.query(
    `select (select name from organisations where id = $1) as name,
            (select count(*)::int from graphile_worker.jobs where task_identifier = '${noop.name}') as jobs,
            (select count(*)::int from audit_events where entry like '%test.rename%') as events`,
    [agency.organisationId],
  )
  return rows[0]
}
const call = (input: object, actor: Actor = agency) =>
  t.app.call(rename, { id: agency.organisationId, name: 'New', ...input }, t.app.newContext(actor))

describe('a verb', () => {
  it('[ALV-02] [ASVS-2.3.3] commits change, job and event together', async () => {
    const before = await state()
    await call({ name: 'First' })
    expect(await state()).toEqual({ name: 'First', jobs: before.jobs + 1, events: before.events + 1 })
  })

  it('[ALV-02] [ASVS-2.3.3, ASVS-16.5.3] leaves neither change nor job where the event cannot be recorded', async () => {
    const before = await state()
    await expect(call({ name: 'Second', fault: 'audit' })).rejects.toThrow()
    expect(await state()).toEqual({ ...before, events: before.events + 1 })
    expect((await t.events()).at(-1)).toMatchObject({ outcome: 'failed', reason: 'internal' })
  })

  it('[ALV-01] keeps a refusal in the log and nothing else', async () => {
    const before = await state()
    await expect(call({ name: 'Third', fault: 'refuse' })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Not allowed',
    })
    expect(await state()).toEqual({ ...before, events: before.events + 1 })
    expect((await t.events()).at(-1)).toMatchObject({
      action: 'test.rename',
      outcome: 'refused',
      reason: 'not_today',
    })
  })

  it('leaves no event for a fault of the caller that is no refusal', async () => {
    const before = await state()
    await expect(call({ fault: 'conflict' })).rejects.toMatchObject({ code: 'conflict' })
    expect(await state()).toEqual(before)
  })

  it('[ALV-01] [ASVS-16.3.4] keeps in the log that it broke off by a vendor’s fault or ours, and nothing else', async () => {
    const before = await state()
    await expect(call({ fault: 'unavailable' })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await state()).toEqual({ ...before, events: before.events + 1 })
    expect((await t.events()).at(-1)).toMatchObject({
      action: 'test.rename',
      actor: { pseudonym: agency.id },
      outcome: 'failed',
      reason: 'unavailable',
    })
  })

  it('[STM-05] [ASVS-16.3.2] records who tried without the role', async () => {
    const guest = await t.person('guest')
    await expect(call({}, guest)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await t.events()).at(-1)).toMatchObject({ outcome: 'refused', reason: 'role' })
    await expect(call({}, ANONYMOUS)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('[ASVS-2.2.1, ASVS-2.2.2, ASVS-15.3.5] names every wrong field', async () => {
    const fault = await call({ name: 7, extra: true }).catch((error) => error)
    expect(fault.code).toBe('invalid')
    expect(fault.details.errors.map((e: { path: string }) => e.path)).toEqual(['name', 'body'])
  })
})

it('a read cannot write', async () => {
  const sneaky = read({
    action: 'test.sneaky',
    input: z.strictObject({}),
    allow: { anyone: true },
    run: async ({ db }) => await db.execute(sql`update organisations set name = 'x'`),
  })
  await expect(t.app.call(sneaky, {}, t.app.newContext(ANONYMOUS))).rejects.toThrow()
})

describe('permits', () => {
  const user = (role: 'guest' | 'agency' | 'admin', groups: 'finance'[] = []): Actor => ({
    kind: 'user',
    id: 'u',
    role,
    groups,
    organisationId: 'o',
  })
  const system: Actor = { kind: 'system', id: 's' }
  const command: Actor = { kind: 'command', id: 'c' }
  const viewer: Actor = { kind: 'viewer', id: 'v' }
  it.each([
    [{ role: 'agency' }, user('guest'), 'forbidden'],
    [{ role: 'agency' }, user('agency'), 'allowed'],
    [{ role: 'agency' }, user('admin'), 'allowed'],
    [{ role: 'admin', groups: ['finance'] }, user('admin'), 'forbidden'],
    [{ role: 'admin', groups: ['finance'] }, user('admin', ['finance']), 'allowed'],
    [{ role: 'admin' }, ANONYMOUS, 'unauthenticated'],
    [{ role: 'admin' }, viewer, 'forbidden'],
    [{ role: 'admin' }, command, 'allowed'],
    [{ role: 'admin' }, system, 'forbidden'],
    [{ system: true }, system, 'allowed'],
    [{ system: true }, user('admin'), 'forbidden'],
    [{ viewer: true }, user('admin'), 'forbidden'],
    [{ anyone: true }, ANONYMOUS, 'allowed'],
  ] as const)('%o for %o: %s', (allow, actor, verdict) => {
    expect(permits(allow as never, actor as Actor)).toBe(verdict)
  })
})
