import { buffer } from 'node:stream/consumers'
import { unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJobs } from '../../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { createShare } from '../../sharing/create-share.ts'
import { askSnapshot, listSnapshots } from './ask-snapshot.ts'
import { endSnapshots } from './end-snapshots.ts'
import { takeSnapshot } from './take-snapshot.ts'
import { verifySnapshot } from './verify-snapshot.ts'
import { writeSnapshotJob } from './write-snapshot.ts'

const HOUR = 3_600_000
let t: TestApp
let archive: Buffer
let from: Date
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const security = async () => t.app.newContext(await t.person('admin', { groups: ['security'] }))
const keys = () => ({ vkeys: [t.auditLog.vkey] })

describe('a forensic snapshot', () => {
  it('[SLO-06] seals the events of a time with their proofs and what they name, in one step, by a job', async () => {
    const owner = await t.person('agency')
    const videoId = await t.video(owner, 'Wedding of the neighbours')
    t.advance(HOUR)
    from = t.app.clock()
    const expiresAt = new Date(from.getTime() + 24 * HOUR).toISOString()
    const made = { videoId, access: 'email' as const, allow: ['guest@example.org'], expiresAt }
    const share = (await t.app.call(createShare, made, t.app.newContext(owner))) as {
      id: string
      token: string
    }
    const ctx = await security()
    const to = new Date(from.getTime() + HOUR)
    const asked = {
      incident: 'INC-2026-014',
      reason: 'A link was found in a forum.',
      from: from.toISOString(),
      to: to.toISOString(),
    }
    const { id } = await t.app.call(askSnapshot, asked, ctx)
    expect((await t.app.call(listSnapshots, {}, ctx)).items).toMatchObject([{ id, status: 'waiting' }])
    await runJobs(t)
    const { items } = await t.app.call(listSnapshots, {}, ctx)
    expect(items).toMatchObject([{ id, status: 'ready', incident: 'INC-2026-014' }])

    const taken = await t.app.call(takeSnapshot, { id }, await security())
    archive = await buffer(await taken.stream())
    expect(archive.length).toBe(taken.bytes)
    const files = unzipSync(archive)
    const shares = JSON.parse(Buffer.from(files['rows/shares.json']!).toString())
    expect(shares).toMatchObject([
      { id: share.id, videoId, access: 'email', approval: 'open', decidedBy: null },
    ])
    expect(JSON.parse(Buffer.from(files['rows/videos.json']!).toString())).toMatchObject([{ id: videoId }])
    const all = Buffer.concat(Object.values(files)).toString('latin1')
    for (const secret of [share.token, 'guest@example.org', 'Wedding of the neighbours', '@example.com'])
      expect(all).not.toContain(secret)
    const actions = (await t.events()).map(({ action, target }) => `${action} ${target.id}`)
    for (const action of ['audit.snapshot', 'audit.seal-snapshot', 'audit.take-snapshot'])
      expect(actions).toContain(`${action} ${id}`)
  })

  it('[SLO-06] is verified offline by the log’s key alone', async () => {
    const report = await verifySnapshot(archive, keys())
    expect(report).toMatchObject({ ok: true, incident: 'INC-2026-014', faults: [] })
    expect(report.entries).toBeGreaterThan(1)
  })

  it.each<[string, (files: Record<string, Uint8Array>) => void]>([
    ['a changed row', (files) => flip(files, 'rows/shares.json')],
    ['a changed manifest', (files) => flip(files, 'manifest.json')],
    ['a changed checkpoint', (files) => flip(files, 'checkpoint')],
    [
      'a changed proof',
      (files) => flip(files, Object.keys(files).find((name) => name.startsWith('events/'))!),
    ],
    [
      'an event left out',
      (files) => void delete files[Object.keys(files).find((name) => name.startsWith('events/'))!],
    ],
    ['a file more', (files) => void Object.assign(files, { 'rows/more.json': new Uint8Array(3) })],
  ])('[SLO-06] does not verify with %s', async (_what, change) => {
    const files = unzipSync(archive)
    change(files)
    expect((await verifySnapshot(Buffer.from(zipSync(files)), keys())).ok).toBe(false)
  })

  it('[SLO-06] does not verify under another key, nor cut off', async () => {
    expect((await verifySnapshot(archive.subarray(0, -40), keys())).ok).toBe(false)
    const [name] = t.auditLog.vkey.split('+')
    const other = `${name}+00000000+${t.auditLog.vkey.split('+')[2]}`
    expect((await verifySnapshot(archive, { vkeys: [other] })).ok).toBe(false)
  })

  it('[ALV-03] goes after two years: the archive at once, its row stays as evidence', async () => {
    const [{ id }] = (await t.app.pool.query(`select id from audit_snapshots where status = 'ready'`)).rows
    const command = t.app.newContext({ kind: 'command', id: 'os:0' })
    expect(await t.app.call(endSnapshots, {}, command)).toEqual({ removed: 0 })
    t.advance(731 * 24 * HOUR)
    const ctx = t.app.newContext({ kind: 'command', id: 'os:0' })
    expect(await t.app.call(endSnapshots, {}, ctx)).toEqual({ removed: 1 })
    expect(await t.app.ports.storage.list('audit/snapshots/')).toEqual([])
    expect((await t.app.call(listSnapshots, {}, ctx)).items).toMatchObject([{ id, status: 'removed' }])
    await expect(t.app.call(takeSnapshot, { id }, ctx)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('says so where one could not be written', async () => {
    const now = t.app.clock()
    const at = {
      incident: 'INC-2',
      reason: 'Its storage fails',
      from: new Date(now.getTime() - HOUR).toISOString(),
    }
    const { id } = await t.app.call(askSnapshot, { ...at, to: now.toISOString() }, await security())
    const putFile = t.app.ports.storage.putFile
    t.app.ports.storage.putFile = () => Promise.reject(new Error('the disk is full'))
    const scope = { app: t.app, ctx: t.app.newContext({ kind: 'system', id: 'job' }), input: { id } }
    const last = writeSnapshotJob.run({
      ...scope,
      signal: AbortSignal.timeout(60_000),
      attempt: 3,
      maxAttempts: 3,
    })
    await expect(last).rejects.toThrow('the disk is full')
    t.app.ports.storage.putFile = putFile
    const { rows } = await t.app.pool.query('select key from alerts where resolved_at is null')
    expect(rows).toContainEqual({ key: `audit.snapshot:${id}` })
  })
})

function flip(files: Record<string, Uint8Array>, name: string): void {
  const bytes = files[name]!
  bytes[Math.floor(bytes.length / 2)]! ^= 1
}
