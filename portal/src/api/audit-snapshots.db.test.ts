import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runJobs } from '../../../tests/support/run-jobs.ts'
import { createTestApp, grantLogReading, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { verifySnapshot } from '../modules/audit/snapshot/verify-snapshot.ts'

const PASSWORD = 'correct horse battery'
const SNAPSHOTS = '/api/admin/audit/snapshots'
let t: TestApp
let security: TestHttp
let finance: TestHttp
let securityId: string

async function signedIn(group: string): Promise<{ id: string; http: TestHttp }> {
  const { id } = await t.person('admin')
  await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [id, [group]])
  const http = await serveTestApp(t)
  const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
  expect((await http.signIn(rows[0].email, PASSWORD)).status).toBe(200)
  return { id, http }
}

beforeAll(async () => {
  t = await createTestApp()
  const first = await signedIn('security')
  security = first.http
  securityId = first.id
  finance = (await signedIn('finance')).http
})
afterAll(async () => {
  for (const http of [security, finance]) await http?.stop()
  await t?.stop()
})

const asked = (more: object = {}) => ({
  incident: 'INC-2026-014',
  reason: 'A link was found in a forum.',
  from: new Date(t.app.clock().getTime() - 3_600_000).toISOString(),
  to: new Date(t.app.clock().getTime() + 3_600_000).toISOString(),
  ...more,
})

describe('forensic snapshots over HTTP', () => {
  test('[SLO-06] one is asked for, sealed by a job, and taken away with a grant to read the log alone', async () => {
    const answer = await security.send('POST', SNAPSHOTS, { body: asked() })
    expect(answer.status).toBe(202)
    const { id } = (await answer.json()) as { id: string }
    const file = `${SNAPSHOTS}/${id}/file`
    const listed = async () => (await (await security.send('GET', SNAPSHOTS)).json()).items
    expect(await listed()).toMatchObject([{ id, status: 'waiting', bytes: null }])

    await grantLogReading(t.app, securityId)
    expect((await security.send('GET', file)).status).toBe(404)
    await runJobs(t)
    const [{ status, bytes, sha256, entriesDone }] = await listed()
    expect([status, entriesDone > 0]).toEqual(['ready', true])

    const taken = await security.send('GET', file)
    expect(taken.headers.get('content-disposition')).toBe(`attachment; filename="INC-2026-014-${id}.zip"`)
    expect(taken.headers.get('cache-control')).toBe('no-store')
    const archive = Buffer.from(await taken.arrayBuffer())
    expect(archive.length).toBe(bytes)
    expect(Buffer.from(await crypto.subtle.digest('SHA-256', archive)).toString('hex')).toBe(sha256)
    expect(await verifySnapshot(archive, { vkeys: [t.auditLog.vkey] })).toMatchObject({ ok: true, id })

    await t.app.pool.query('update log_grants set ends_at = $1 where user_id = $2', [
      t.app.clock(),
      securityId,
    ])
    expect((await security.send('GET', file)).status).toBe(403)
  })

  test('[SLO-06] a time that ends before it begins is refused with a sentence', async () => {
    const answer = await security.send('POST', SNAPSHOTS, { body: asked({ to: asked().from }) })
    expect(answer.status).toBe(400)
    expect((await answer.json()).detail).toContain('earlier')
  })

  test('[ALV-08] finance sees the tiers and no snapshot', async () => {
    expect((await finance.send('GET', SNAPSHOTS)).status).toBe(403)
    const report = await (await finance.send('GET', '/api/admin/audit/tiers')).json()
    expect(report).toMatchObject({ growth: null, lastRestore: null })
  })
})
