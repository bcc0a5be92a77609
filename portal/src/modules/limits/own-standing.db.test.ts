import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { askOverride } from './ask-override.ts'
import { limiterOf } from './check-request.ts'
import { approveOverride } from './decide-override.ts'
import { getOwnStanding } from './own-standing.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

it('[RLA-07] people see what they have used of their own limits, and looking uses nothing', async () => {
  const [person, other] = [await t.person('agency'), await t.person('agency')]
  const look = async (who = person) => (await t.app.call(getOwnStanding, {}, t.app.newContext(who))).items
  const uploads = async (who = person) => (await look(who))?.find(({ rule }) => rule === 'upload')
  expect(await uploads()).toMatchObject({
    limit: 20,
    windowSeconds: 86_400,
    used: 0,
    nextAt: null,
    freeAt: null,
  })
  if (person.kind !== 'user') throw new Error('no person')
  const caller = { user: person.id, organisation: person.organisationId }
  for (let n = 0; n < 3; n += 1) await limiterOf(t.app).check('upload', caller)
  for (let n = 0; n < 5; n += 1) expect((await uploads())?.used).toBe(3)
  expect((await look())?.find(({ rule }) => rule === 'upload-organisation')).toMatchObject({
    limit: 200,
    used: 3,
  })
  expect((await uploads(other))?.used).toBe(0)
  const freeAt = Date.parse((await uploads())?.freeAt ?? '')
  expect(Math.abs(freeAt - t.app.clock().getTime() - (3 / 20) * 86_400_000)).toBeLessThan(120_000)
  for (let n = 0; n < 18; n += 1) await limiterOf(t.app).check('upload', caller)
  const full = await uploads()
  expect(full?.used).toBe(20)
  const nextAt = Date.parse(full?.nextAt ?? '') - t.app.clock().getTime()
  expect(nextAt).toBeGreaterThan(0)
  expect(nextAt).toBeLessThanOrEqual(86_400_000 / 20 + 120_000)
})

it('[RLA-07] a raised limit says until when, and counts from when it began', async () => {
  const [person, staff] = [await t.person('agency'), await t.person('admin', { groups: ['operations'] })]
  const uploads = async () => {
    const { items } = await t.app.call(getOwnStanding, {}, t.app.newContext(person))
    return items?.find(({ class: name }) => name === 'upload')
  }
  const send = () =>
    limiterOf(t.app).check('upload', { user: person.id, organisation: person.organisationId })
  await send()
  expect(await uploads()).toMatchObject({ limit: 20, used: 1, raisedUntil: null })
  const expiresAt = new Date(t.app.clock().getTime() + 3_600_000).toISOString()
  const more = { class: 'upload', quota: 40, reason: 'Forty reels until the festival begins', expiresAt }
  const { id } = await t.app.call(askOverride, more, t.app.newContext(person))
  await t.app.call(approveOverride, { id }, t.app.newContext(staff))
  await expect.poll(uploads, { timeout: 15_000 }).toMatchObject({
    ...{ limit: 40, used: 0, by: 'user', raisedUntil: expiresAt },
  })
  await send()
  expect(await uploads()).toMatchObject({ limit: 40, used: 1 })
  t.advance(3_600_000)
  expect(await uploads()).toMatchObject({ limit: 20, used: 1, raisedUntil: null })
})

it('[RLA-07] where nobody can count, that is what people are told', async () => {
  const person = await t.person('agency')
  const { limits } = t.app.ports
  t.app.ports.limits = { take: async () => Promise.reject(new Error('gone')), stop: async () => {} }
  expect(await t.app.call(getOwnStanding, {}, t.app.newContext(person))).toEqual({ items: null })
  t.app.ports.limits = limits
})
