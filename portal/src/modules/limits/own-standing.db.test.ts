import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { limiterOf } from './check-request.ts'
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

it('[RLA-07] where nobody can count, that is what people are told', async () => {
  const person = await t.person('agency')
  const { limits } = t.app.ports
  t.app.ports.limits = { take: async () => Promise.reject(new Error('gone')), stop: async () => {} }
  expect(await t.app.call(getOwnStanding, {}, t.app.newContext(person))).toEqual({ items: null })
  t.app.ports.limits = limits
})
