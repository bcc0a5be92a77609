import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { refusedByKey } from '#portal/platform/api-key-scopes.ts'
import { type Actor, ROLES, STAFF_GROUPS } from '#portal/platform/context.ts'
import { type AnyOperation, flow, verb } from '#portal/platform/operation.ts'
import { type Allow, permits } from '#portal/platform/permission.ts'
import { operations } from '#portal/registry.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { looksLikeApiKey, newApiKey } from './api-key-format.ts'
import { createApiKey } from './create-api-key.ts'

type User = Extract<Actor, { kind: 'user' }>
const DAY_MS = 86_400_000

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const make = (owner: User, scopes: string[], days = 90) =>
  t.app.call(createApiKey, { name: 'Nightly', scopes, days }, t.app.newContext(owner))
const get = (path: string, key: string) =>
  fetch(`${http.origin}${path}`, { headers: { authorization: `Bearer ${key}` } })
const post = (path: string, key: string, body: object = {}) =>
  fetch(`${http.origin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('an API key', () => {
  it('[IDN-01] acts as its owner, in its owner’s organisation, within its scopes alone', async () => {
    const owner = await t.person('agency')
    const other = await t.person('agency')
    const mine = await t.video(owner)
    const theirs = await t.video(other)
    const { key } = await make(owner, ['video.*'])
    const list = (await (await get('/api/videos', key)).json()) as { items: { id: string }[] }
    expect(list.items.map(({ id }) => id)).toEqual([mine])
    expect((await get(`/api/videos/${theirs}`, key)).status).toBe(404)
    const refused = await get('/api/shares', key)
    expect(refused.status).toBe(403)
    expect(((await refused.json()) as { detail: string }).detail).toMatch(/scopes don’t cover/)
    expect((await get('/api/admin/users', (await make(owner, ['user.list'])).key)).status).toBe(403)
  })

  it('[IDN-01] is named in every event that it causes, the refused ones too', async () => {
    const owner = await t.person('agency')
    const video = await t.video(owner)
    const { id, key } = await make(owner, ['share.create'])
    expect((await post(`/api/videos/${video}/shares`, key, { access: 'link' })).status).toBe(201)
    await get('/api/videos', key)
    const events = (await t.events()).filter(({ details }) => details?.api_key_id === id)
    expect(events.map(({ action, outcome, reason }) => [action, outcome, reason])).toEqual([
      ['share.create', 'allowed', null],
      ['video.list', 'refused', 'key_scope'],
    ])
    expect(events.every(({ actor }) => actor.pseudonym === owner.id)).toBe(true)
  })

  it('[IDN-01] ends when it is revoked, when its time is over, and when its owner leaves or loses the role', async () => {
    const owner = await t.person('admin', { groups: ['support'] })
    const revoked = await make(owner, ['video.*'])
    expect((await get('/api/videos', revoked.key)).status).toBe(200)
    await t.app.pool.query('update api_keys set revoked_at = now(), revoked_by = $2 where id = $1', [
      revoked.id,
      owner.id,
    ])
    expect((await get('/api/videos', revoked.key)).status).toBe(401)

    const staff = await make(owner, ['user.list', 'video.list'])
    expect((await get('/api/admin/users', staff.key)).status).toBe(200)
    await t.app.pool.query(`update members set role = 'agency', staff_groups = '{}' where user_id = $1`, [
      owner.id,
    ])
    expect((await get('/api/admin/users', staff.key)).status).toBe(403)
    await t.app.pool.query('update members set deactivated_at = now() where user_id = $1', [owner.id])
    expect((await get('/api/videos', staff.key)).status).toBe(401)

    const short = await make(await t.person('agency'), ['video.list'], 1)
    expect((await get('/api/videos', short.key)).status).toBe(200)
    t.advance(DAY_MS)
    expect((await get('/api/videos', short.key)).status).toBe(401)
  })

  it('[IDN-01] is shown once and kept as a hash; what it was last used for is known by the day', async () => {
    const owner = await t.person('agency')
    const { id, key } = await make(owner, ['video.list'])
    await get('/api/videos', key)
    const { rows } = await t.app.pool.query(
      'select k::text as text, last_used_on::text as used from api_keys k where id = $1',
      [id],
    )
    expect(rows[0].text).not.toContain(key.slice(4, -4))
    expect(rows[0].used).toBe(t.app.clock().toISOString().slice(0, 10))
    await http.signIn(
      (await t.app.pool.query('select email from users where id = $1', [owner.id])).rows[0].email,
      'correct horse battery',
    )
    const list = await (await http.send('GET', '/api/account/keys')).json()
    expect(list).toMatchObject([{ id, shown: `mmk_…${key.slice(-4)}`, status: 'active' }])
    expect(JSON.stringify(list)).not.toContain(key)
  })

  it('[IDN-01] is no person: it makes no keys, decides nothing as a second person, and can’t be given such scopes', async () => {
    const owner = await t.person('admin', { groups: [...STAFF_GROUPS] })
    for (const scope of ['api-key.create', 'account.*', 'share.approve', 'emergency.*'])
      await expect(make(owner, [scope]), scope).rejects.toMatchObject({ code: 'invalid' })
    const { key } = await make(owner, ['share.*'])
    expect((await post('/api/account/keys', key, { name: 'More', scopes: ['video.list'] })).status).toBe(403)
    expect((await post('/api/admin/shares/shr_1/approve', key, { reason: 'agreed' })).status).toBeOneOf([
      403, 404,
    ])
  })

  it('[IDN-01] is not made with a scope that names nothing; one that has such a scope does what the others name', async () => {
    const owner = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [owner.id])
    await http.signIn(rows[0].email, 'correct horse battery')
    const ask = (scopes: string[]) =>
      http.send('POST', '/api/account/keys', { body: { name: 'Nightly', scopes } })
    const refused = await ask(['video.list', 'nonsense.x'])
    expect(refused.status).toBe(400)
    const problem = (await refused.json()) as { detail: string; errors: object[] }
    expect(problem.detail).toMatch(
      /^scopes: nonsense\.x: no such operation\. Areas are .*share\.\*.*video\.\*/,
    )
    expect(problem.errors).toMatchObject([{ path: 'scopes' }])
    for (const scope of ['nonsense.*', 'video.listen'])
      await expect(make(owner, [scope])).rejects.toMatchObject({ code: 'invalid' })
    await expect(make(owner, ['video.listen'])).rejects.toThrow(/There are video\.delete, .*video\.list/)
    // A step of an operation is nothing that can be called.
    expect((await ask(['upload.start', 'upload.open'])).status).toBe(400)
    expect((await ask(['upload.start', 'share.*'])).status).toBe(201)

    const { id, key } = await make(owner, ['video.list'])
    await t.app.pool.query(`update api_keys set scopes = '{nonsense.x,video.list}' where id = $1`, [id])
    expect((await get('/api/videos', key)).status).toBe(200)
  })

  it('[IDN-01] begins an upload with that scope alone: its steps come with it, and nothing else does', async () => {
    const owner = await t.person('agency')
    const { id, key } = await make(owner, ['upload.start'])
    const file = { filename: 'Sprint 4.mov', contentType: 'video/quicktime', size: 9_000_000 }
    const begun = await post('/api/uploads', key, file)
    expect(begun.status).toBe(201)
    const { id: uploadId } = (await begun.json()) as { id: string }
    const events = (await t.events()).filter(({ details }) => details?.api_key_id === id)
    expect(events.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['upload.start', 'allowed'],
      ['upload.open', 'allowed'],
    ])
    for (const refused of [
      await get('/api/uploads', key),
      await get(`/api/uploads/${uploadId}`, key),
      await post(`/api/uploads/${uploadId}/resume`, key),
      await post(`/api/uploads/${uploadId}/cancel`, key),
    ])
      expect(refused.status).toBe(403)
  })

  it('[IDN-01] never does by a step what takes a person, nor what its owner may not', async () => {
    const step = (action: string, allow: Allow) =>
      verb({
        ...{ action, input: z.strictObject({}), allow },
        run: async () => ({ result: null, change: { target: { type: 'operation', id: action } } }),
      })
    const owner = await t.person('agency')
    const apiKey = { id: 'apk_1', scopes: ['test.flow'] }
    const reach = (inner: AnyOperation) => {
      const outer = flow({
        ...{ action: 'test.flow', input: z.strictObject({}), allow: { role: 'agency' } },
        run: async ({ app, ctx }) => await app.call(inner, {}, ctx),
      })
      return t.app.call(outer, {}, t.app.newContext({ ...owner, apiKey }))
    }
    await expect(reach(step('test.step', { role: 'agency' }))).resolves.toBeNull()
    await expect(reach(step('share.approve', { role: 'agency' }))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(reach(step('test.step', { role: 'admin' }))).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('refuses a key that is mistyped without asking the database, and does not judge other bearers', async () => {
    const key = newApiKey()
    const wrong = key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x')
    expect([looksLikeApiKey(key), looksLikeApiKey(wrong)]).toEqual([true, false])
    expect((await get('/api/videos', key)).status).toBe(401)
    expect((await get('/api/videos', wrong)).status).toBe(401)
    expect((await get('/api/openapi.json', 'another-secret')).status).toBe(200)
  })

  it('[IDN-01] [ASVS-8.3.3] can never do what its owner can’t: any role, groups and scopes, any operation', () => {
    const areas = operations.flatMap(({ action }) => [action, `${action.split('.')[0]}.*`])
    const anyKey = fc.record({
      role: fc.constantFrom(...ROLES),
      groups: fc.subarray([...STAFF_GROUPS]),
      scopes: fc.subarray(areas),
      op: fc.constantFrom(...operations),
    })
    fc.assert(
      fc.property(anyKey, ({ role, groups, scopes, op }) => {
        const owner: User = { kind: 'user', id: 'usr_1', role, groups, organisationId: 'org_1' }
        const key: User = { ...owner, apiKey: { id: 'apk_1', scopes } }
        const keyMay =
          refusedByKey({ actor: key }, op.action) === null && permits(op.allow, key) === 'allowed'
        const covered = scopes.some(
          (scope) => scope === op.action || scope === `${op.action.split('.')[0]}.*`,
        )
        if (keyMay) expect(permits(op.allow, owner)).toBe('allowed')
        if (keyMay) expect(covered).toBe(true)
        if (!covered) expect(keyMay).toBe(false)
      }),
      { numRuns: 5000 },
    )
  })
})
