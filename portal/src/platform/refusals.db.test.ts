import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { ANONYMOUS } from './context.ts'
import { AppError } from './errors.ts'
import { flow } from './operation.ts'

const guarded = flow({
  action: 'test.guarded',
  input: z.strictObject({}),
  allow: { role: 'agency' },
  run: async () => {
    throw new AppError('forbidden', 'A colleague began this.')
  },
})

let t: TestApp
beforeEach(async () => {
  t = await createTestApp()
})
afterEach(async () => await t?.stop())

const refused = async () => (await t.events()).filter(({ outcome }) => outcome === 'refused')
const knock = (ip: string, action = guarded) =>
  t.app.call(action, {}, t.app.newContext(ANONYMOUS, { ip })).catch((error) => error.code)

describe('a refusal of somebody without a session', () => {
  it('[ALV-01] [ASVS-16.3.2] is an event with action, reason and the day’s pseudonym of who came, never their address', async () => {
    expect(await knock('203.0.113.9')).toBe('unauthenticated')
    const [event] = await refused()
    expect(event).toMatchObject({
      ...{ action: 'test.guarded', outcome: 'refused', reason: 'no_session' },
      actor: { kind: 'anonymous', pseudonym: 'anonymous' },
      target: { type: 'operation', id: 'test.guarded' },
      details: { caller: expect.stringMatching(/^[0-9a-f]{16}$/) },
    })
    expect(JSON.stringify(await t.events())).not.toContain('203.0.113.9')

    t.advance(86_400_000)
    await knock('203.0.113.9')
    const [, next] = await refused()
    expect(next?.details?.caller).not.toBe(event?.details?.caller)
  })

  it('[ALV-01] counts those that follow in the same minute by one more event', async () => {
    for (let n = 0; n < 50; n += 1) await knock('203.0.113.9')
    expect(await refused()).toHaveLength(1)
    t.advance(60_000)
    await knock('203.0.113.9')
    await t.app.refusals.flush()
    const events = await refused()
    expect(events.map(({ details }) => details?.further ?? 'first').toSorted()).toEqual([
      49,
      'first',
      'first',
    ])
  })

  it('[ALV-01] loses none of a flood from everywhere, and fills the log with few events', async () => {
    for (let n = 0; n < 1000; n += 1) await knock(`198.51.${n >> 8}.${n & 255}`)
    await t.app.refusals.flush()
    const events = await refused()
    expect(events.length).toBeLessThan(70)
    const told = events.map(({ details }) => (details?.further as number | undefined) ?? 1)
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(1000)
    expect(events.some(({ details }) => details?.caller === 'many')).toBe(true)
  })

  it('[ALV-01] is told when the portal stops, too', async () => {
    await knock('203.0.113.9')
    await knock('203.0.113.9')
    expect(await refused()).toHaveLength(1)
    // What the portal does at its end; the database itself stays for the look.
    await t.app.refusals.flush()
    expect(await refused()).toHaveLength(2)
  })

  it('stays a refusal where the log cannot take it', async () => {
    await t.app.pool.query('alter table audit_events rename to audit_events_away')
    expect(await knock('203.0.113.9')).toBe('unauthenticated')
    await t.app.pool.query('alter table audit_events_away rename to audit_events')
  })
})

describe('a refusal', () => {
  it('[ALV-01] [ASVS-16.3.2] that an operation says itself is an event, once', async () => {
    const owner = await t.person('agency')
    await expect(t.app.call(guarded, {}, t.app.newContext(owner))).rejects.toMatchObject({
      code: 'forbidden',
      message: 'A colleague began this.',
    })
    expect(await refused()).toMatchObject([
      { action: 'test.guarded', reason: 'forbidden', actor: { pseudonym: owner.id } },
    ])
  })
})
