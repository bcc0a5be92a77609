import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestApp, grantLogReading, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { verifyExport, verifyReceipt } from '../modules/audit/verifier.mjs'
import { createShare } from '../modules/sharing/create-share.ts'

const PASSWORD = 'correct horse battery'
let t: TestApp
let auditor: TestHttp
let administrator: TestHttp
let agency: TestHttp
let shareId: string

async function signedIn(userId: string): Promise<TestHttp> {
  const http = await serveTestApp(t)
  const { rows } = await t.app.pool.query('select email from users where id = $1', [userId])
  expect((await http.signIn(rows[0].email, PASSWORD)).status).toBe(200)
  return http
}

beforeAll(async () => {
  t = await createTestApp()
  const [first, second, owner] = [await t.person('admin'), await t.person('admin'), await t.person('agency')]
  await t.app.pool.query("update members set staff_groups = '{compliance}' where user_id = $1", [first.id])
  await grantLogReading(t.app, first.id)
  await t.app.pool.query("update members set staff_groups = '{security}' where user_id = $1", [second.id])
  const videoId = await t.video(owner)
  shareId = (await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(owner))).id
  auditor = await signedIn(first.id)
  administrator = await signedIn(second.id)
  agency = await signedIn(owner.id)
})
afterAll(async () => {
  for (const http of [auditor, administrator, agency]) await http?.stop()
  await t?.stop()
})

const OF_AUDITORS = [
  '/api/admin/audit',
  '/api/admin/audit/export',
  '/audit/checkpoint',
  '/audit/tile/0/000.p/1',
]

describe('the log over HTTP', () => {
  test('[ALV-02] its export is verified by the key from its head', async () => {
    const head = await (await auditor.send('GET', '/api/admin/audit/head')).json()
    const answer = await auditor.send('GET', '/api/admin/audit/export')
    expect(answer.headers.get('content-type')).toBe('application/jsonl')
    const report = await verifyExport([await answer.text()], { vkeys: [head.vkey], oldCheckpoint: head.note })
    expect(report.faults).toEqual([])
    expect(report.actions).toMatchObject({
      'share.create': { allowed: 1, refused: 0, failed: 0 },
      'audit.export': { allowed: 1, refused: 0, failed: 0 },
    })
  })

  test('[ALV-06] a search finds a share, and the receipt of its event holds', async () => {
    const found = await (
      await auditor.send('GET', `/api/admin/audit?share=${shareId}&action=share.create`)
    ).json()
    expect(found.items).toHaveLength(1)
    const head = await (await auditor.send('GET', '/api/admin/audit/head')).json()
    const answer = await auditor.send('GET', `/api/admin/audit/events/${found.items[0].event.id}/receipt`)
    const receipt = await verifyReceipt((await answer.json()).text, { vkeys: [head.vkey] })
    expect(receipt).toMatchObject({ ok: true, event: { action: 'share.create', target: { id: shareId } } })
  })

  test('[ALV-06] what is found is exported with proofs that hold offline, line by line', async () => {
    const { vkey } = await (await auditor.send('GET', '/api/admin/audit/head')).json()
    const answer = await auditor.send('GET', '/api/admin/audit/found?format=json&text=share.create')
    expect(answer.headers.get('content-disposition')).toContain('audit-events.jsonl')
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(1)
    for (const { receipt, event, index } of lines) {
      const report = await verifyReceipt(receipt, { vkeys: [vkey] })
      expect(report).toMatchObject({ ok: true, index, event })
      const forged = receipt.replace(/^index .*$/m, `index ${index + 1}`)
      expect((await verifyReceipt(forged, { vkeys: [vkey] })).ok).toBe(false)
    }
    const csv = await (await auditor.send('GET', `/api/admin/audit/found?share=${shareId}`)).text()
    const [head, row] = csv.split('\r\n')
    expect(head).toContain('leaf_hash,tree_size,inclusion_proof,entry')
    expect(row).toContain(`,share,${shareId},`)
    expect((await t.events()).filter(({ action }) => action === 'audit.export-events')).toMatchObject([
      { outcome: 'allowed', details: { format: 'json', filters: ['text'] } },
      { outcome: 'allowed', details: { format: 'csv', filters: ['share'] } },
    ])
    expect((await auditor.send('GET', '/api/admin/audit/found?outcome=maybe')).status).toBe(400)
  })

  test('[ALV-06] a search is kept under a name, for whoever saved it', async () => {
    const saved = { name: 'Refused', query: { outcome: 'refused', text: 'playback' } }
    const first = await (await auditor.send('PUT', '/api/admin/audit/searches', { body: saved })).json()
    const again = { ...saved, query: { text: 'share' } }
    expect(await (await auditor.send('PUT', '/api/admin/audit/searches', { body: again })).json()).toEqual({
      id: first.id,
      ...again,
    })
    const mine = async (http: TestHttp) => await (await http.send('GET', '/api/admin/audit/searches')).json()
    expect(await mine(auditor)).toEqual([{ id: first.id, ...again }])
    expect(await mine(administrator)).toEqual([])
    const path = `/api/admin/audit/searches/${first.id}`
    expect((await administrator.send('DELETE', path)).status).toBe(404)
    expect((await auditor.send('DELETE', path)).status).toBe(200)
    expect(await mine(auditor)).toEqual([])
  })

  test('[ALV-02] checkpoint and tiles are served as C2SP tlog-tiles says', async () => {
    await auditor.send('GET', '/api/admin/audit/head')
    const checkpoint = await auditor.send('GET', '/audit/checkpoint')
    expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const size = Number((await checkpoint.text()).split('\n')[1])
    const tile = await auditor.send('GET', `/audit/tile/0/000.p/${size}`)
    expect(tile.headers.get('content-type')).toBe('application/octet-stream')
    expect((await tile.arrayBuffer()).byteLength).toBe(size * 32)
    expect((await auditor.send('GET', '/audit/tile/0/001')).status).toBe(404)
    expect((await auditor.send('GET', '/audit/tile/0/../../x')).status).toBe(404)
  })

  test('[ALV-01] schema and catalogue of its events are published to anybody, and hold for what it exports', async () => {
    const stranger = await serveTestApp(t)
    const answer = await stranger.send('GET', '/api/audit/event.schema.json')
    expect(answer.headers.get('content-type')).toBe('application/schema+json')
    const schema = await answer.json()
    expect(schema.$id).toBe(`${t.app.settings.PUBLIC_URL}/api/audit/event.schema.json`)
    const holds = new Ajv2020({ strict: false }).compile(schema)
    const events = await t.events()
    expect(events.length).toBeGreaterThan(3)
    expect(events.filter((event) => !holds(event))).toEqual([])
    expect(holds({ ...events[0], extra: 1 })).toBe(false)
    const types = await (await stranger.send('GET', '/api/audit/event-types')).json()
    expect(types).toMatchObject({ schemaVersion: 1, retentionDays: { playback: 365, revocation: 730 } })
    expect(types.items.map((type: { action: string }) => type.action)).toContain('share.create')
    await stranger.stop()
  })

  test.each(OF_AUDITORS)('[ALV-05] %s is for those who hold a grant, not for a group', async (path) => {
    // Of one kind, the first in a minute is an event by itself.
    t.advance(60_000)
    expect((await administrator.send('GET', path)).status).toBe(403)
    expect((await agency.send('GET', path)).status).toBe(403)
    const stranger = await serveTestApp(t)
    expect((await stranger.send('GET', path)).status).toBe(401)
    await stranger.stop()
    const refused = (await t.events()).filter(({ outcome }) => outcome === 'refused').slice(-3)
    expect(refused.map(({ reason }) => reason)).toEqual(['log_grant', 'role', 'no_session'])
  })
})
