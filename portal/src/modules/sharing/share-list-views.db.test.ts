import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Actor } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { countShares } from './count-shares.ts'
import { createShare } from './create-share.ts'
import { deleteShareListView, listShareListViews, saveShareListView } from './share-list-views.ts'

type User = Extract<Actor, { kind: 'user' }>
let t: TestApp
let admin: User
let agency: User
let http: TestHttp

beforeAll(async () => {
  t = await createTestApp()
  admin = await t.person('admin')
  agency = await t.person('agency', { organisation: '=Harbour, "Films"' })
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const as = (actor: Actor) => t.app.newContext(actor)
const save = (input: Record<string, unknown>, by = admin) => t.app.call(saveShareListView, input, as(by))
const views = (by = admin) => t.app.call(listShareListViews, {}, as(by))
async function share() {
  const videoId = await t.video(agency, 'Session 14, take 3')
  return await t.app.call(createShare, { videoId, access: 'link' }, as(agency))
}

it('[STM-01] a view is saved under a name, replaced under the same, and one is the default', async () => {
  await save({ name: 'Ends soon', query: { status: 'active', sort: 'expires' }, isDefault: true })
  await save({ name: 'Revoked', query: { status: 'revoked', ended: 'all' }, isDefault: true })
  await save({ name: 'Ends soon', query: { expiresWithinDays: 1 } })
  expect(await views()).toMatchObject([
    { name: 'Ends soon', query: { expiresWithinDays: '1' }, isDefault: false },
    { name: 'Revoked', query: { status: 'revoked', ended: 'all' }, isDefault: true },
  ])
})

it('[STM-01] views are each administrator’s own', async () => {
  const other = await t.person('admin')
  expect(await views(other)).toEqual([])
  const [mine] = await views()
  const id = mine?.id ?? ''
  await expect(t.app.call(deleteShareListView, { id }, as(other))).rejects.toMatchObject({
    code: 'not_found',
  })
  await t.app.call(deleteShareListView, { id }, as(admin))
  expect((await views()).map((view) => view.id)).not.toContain(id)
})

it('[STM-05] saving is audited without what was searched for; agencies are refused, and that is audited', async () => {
  await save({ name: 'Of Jo', query: { q: 'Jo Winter' } })
  const event = (await t.events()).at(-1)
  expect(event).toMatchObject({
    action: 'share-list-view.save',
    details: { filters: expect.arrayContaining(['q']) },
  })
  expect(JSON.stringify(event)).not.toContain('Winter')
  await expect(save({ name: 'Mine', query: {} }, agency)).rejects.toMatchObject({ code: 'forbidden' })
  expect((await t.events()).at(-1)).toMatchObject({ action: 'share-list-view.save', outcome: 'refused' })
})

it('[STM-01] states are counted under the other filters', async () => {
  await share()
  await share()
  const counts = await t.app.call(countShares, {}, as(admin))
  expect(counts).toMatchObject({ active: 2, revoked: 0, watching: 0 })
  expect(await t.app.call(countShares, { q: 'nobody' }, as(admin))).toMatchObject({ active: 0 })
  expect(await t.app.call(countShares, { owner: agency.organisationId }, as(admin))).toMatchObject({
    active: 2,
  })
})

it('[STM-06] the export holds states and IDs, no person, and is audited', async () => {
  const { rows } = await t.app.pool.query('select email from users where id = $1', [admin.id])
  await http.signIn(rows[0].email, 'correct horse battery')
  const made = await share()
  const answer = await http.send('GET', '/api/admin/share-export?status=active')
  expect(answer.headers.get('content-type')).toContain('text/csv')
  const text = await answer.text()
  const [head, ...lines] = text.trim().split('\r\n')
  expect(head).toMatch(/^id,status,access,organisation_id,organisation,/)
  expect(lines).toHaveLength(3)
  expect(text).toContain(made.id)
  // A formula stays text, commas and quotes stay in their cell.
  expect(text).toContain(`"'=Harbour, ""Films"""`)
  expect(text).not.toContain('Person')
  expect(text).not.toContain('Session 14')
  const json = await http.send('GET', '/api/admin/share-export?format=json')
  expect(JSON.parse((await json.text()).split('\n')[0] ?? '')).toMatchObject({ status: 'active' })
  expect((await t.events()).filter(({ action }) => action === 'share.export')).toHaveLength(2)
  const stranger = await serveTestApp(t)
  expect((await stranger.send('GET', '/api/admin/share-export')).status).toBe(401)
  await stranger.stop()
})
