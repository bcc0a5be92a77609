import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, grantLogReading, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { until } from '../../../tests/support/until.ts'
import { createShare } from '../modules/sharing/create-share.ts'

let t: TestApp
let http: TestHttp
/** What listens to notices now. */
let listening = 0
beforeAll(async () => {
  t = await createTestApp()
  const { notices } = t.app
  const subscribe: typeof notices.subscribe = (topic, listener) => {
    const release = notices.subscribe(topic, listener)
    let held = true
    listening += 1
    return () => {
      if (held) listening -= 1
      held = false
      release()
    }
  }
  http = await serveTestApp({ ...t, app: { ...t.app, notices: { ...notices, subscribe } } })
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

it('[E2E-08] HEAD leaves no listener of an event stream behind', async () => {
  const owner = await t.person('agency')
  const videoId = await t.video(owner)
  const made = await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(owner))
  const path = `/api/share/${'token' in made ? made.token : ''}`
  expect((await http.send('POST', path)).status).toBe(200)
  const before = listening
  for (let n = 0; n < 5; n += 1) expect((await http.send('HEAD', `${path}/events`)).status).toBe(200)
  await until('every listener to be gone', () => listening === before)
})

it('[E2E-08] HEAD leaves no transaction of an export open', async () => {
  const auditor = await t.person('admin')
  await t.app.pool.query("update members set staff_groups = '{compliance}' where user_id = $1", [auditor.id])
  await grantLogReading(t.app, auditor.id)
  const { rows } = await t.app.pool.query('select email from users where id = $1', [auditor.id])
  expect((await http.signIn(rows[0].email, 'correct horse battery')).status).toBe(200)
  for (let n = 0; n < 3; n += 1) expect((await http.send('HEAD', '/api/admin/audit/export')).status).toBe(200)
  const held = async () =>
    (
      await t.app.pool.query(
        "select count(*)::int from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
      )
    ).rows[0].count
  await until('no transaction to be open', async () => (await held()) === 0)
})
