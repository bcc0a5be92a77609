import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createStoredCredentials } from '#engine/credentials/credentials.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { emitEvent } from '#engine/webhooks/emit.ts'
import { createTestDatabase } from '../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../tests/support/engine-parts.ts'
import { insertPlayedVideo } from '../../tests/support/played-video.ts'
import type { TestDatabase } from '../../tests/support/test-postgres.ts'
import { runCli } from './cli/run-cli.ts'

const BIN = join(import.meta.dirname, '../bin/engine.mjs')
const RECEIVER = 'http://127.0.0.1:9/hooks'
let database: TestDatabase
let parts: EngineParts
let folder: string
let settings: Record<string, string>

beforeAll(async () => {
  database = await createTestDatabase('engine')
  folder = await mkdtemp(join(tmpdir(), 'engine-cli-'))
  parts = await startEngineParts(database, { folder, webhooks: [{ url: RECEIVER, secret: 's' }] })
  parts.setClock(new Date())
  settings = {
    DATABASE_URL: database.url,
    ENGINE_DATA_DIR: folder,
    ENGINE_TOKEN_ID: 'id',
    ENGINE_TOKEN_SECRET: 'x'.repeat(32),
    ENGINE_SESSION_SECRET: 'y'.repeat(32),
    ENGINE_WEBHOOK_URL: RECEIVER,
    ENGINE_WEBHOOK_SECRET: 'z'.repeat(32),
  }
})
afterAll(async () => {
  await parts.stop()
  await rm(folder, { recursive: true, force: true })
  await database.close()
})

async function cli(args: string[], env: Record<string, string> = settings) {
  let [stdout, stderr] = ['', '']
  const code = await runCli(args, {
    env: { PATH: process.env.PATH, ...env },
    out(text) {
      stdout += text
    },
    err(text) {
      stderr += text
    },
  })
  return { code, stdout, stderr }
}

/** As a process of its own, in a folder of its own. */
async function spawned(args: string[], cwd: string) {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH!, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await once(child, 'close')
  const [stdout, stderr] = await said
  return { code, stdout, stderr }
}

async function json(...args: string[]) {
  const { code, stdout, stderr } = await cli([...args, '--json'])
  expect(stderr).toBe('')
  return { code, data: JSON.parse(stdout) }
}

it('says what there is, on one screen, and what it does not know', async () => {
  const shown = await cli(['help'], {})
  expect(shown.code).toBe(0)
  expect(shown.stdout.split('\n').length).toBeLessThan(36)
  expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).toBeLessThan(120)
  expect(await cli(['assets'], {})).toMatchObject({ code: 64 })
  expect((await cli(['videos', 'list'], {})).code).toBe(64)
  expect((await cli(['assets', 'show'], {})).stderr).toContain('<asset>')
  expect((await cli(['assets', 'list', '--limit', 'many'])).code).toBe(64)
})

it('without settings, serve says what to set and init writes it, readable by its owner alone', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'engine-init-'))
  const refused = await spawned(['serve'], empty)
  expect(refused.code).toBe(78)
  for (const name of ['DATABASE_URL', 'ENGINE_DATA_DIR', 'ENGINE_SESSION_SECRET', 'init']) {
    expect(refused.stderr).toContain(name)
  }
  expect((await spawned(['init'], empty)).code).toBe(64)
  expect((await spawned(['init', '--database-url', database.url], empty)).code).toBe(0)
  expect((await stat(join(empty, '.env'))).mode & 0o777).toBe(0o600)
  const before = await readFile(join(empty, '.env'), 'utf8')
  expect((await spawned(['init', '--database-url', 'postgres://x/y'], empty)).code).toBe(1)
  expect(await readFile(join(empty, '.env'), 'utf8')).toBe(before)
  expect((await spawned(['migrate'], empty)).stdout).toBe('up to date\n')
  await rm(empty, { recursive: true, force: true })
})

it('makes credentials that open the API until they are deleted', async () => {
  const { data } = await json('credentials', 'create', 'a name')
  const header = `Basic ${Buffer.from(`${data.id}:${data.secret}`).toString('base64')}`
  expect(await createStoredCredentials(parts.ctx)(header)).toBe(data.id)
  const wrong = `Basic ${Buffer.from(`${data.id}:${data.secret}x`).toString('base64')}`
  expect(await createStoredCredentials(parts.ctx)(wrong)).toBeNull()
  const { rows } = await database.pool.query('select secret_hash from engine.api_credentials')
  expect(rows[0].secret_hash.toString()).not.toContain(data.secret)
  expect((await json('credentials', 'list')).data).toMatchObject([{ id: data.id, name: 'a name' }])
  expect((await json('credentials', 'delete', data.id)).code).toBe(0)
  expect(await createStoredCredentials(parts.ctx)(header)).toBeNull()
  expect((await json('credentials', 'delete', data.id)).code).toBe(1)
})

it('lists, shows and deletes assets', async () => {
  await insertPlayedVideo(database.pool, 'kept', [
    { name: '720p', kind: 'video', width: 2, height: 2, seconds: [4] },
  ])
  await insertPlayedVideo(database.pool, 'goes', [
    { name: '720p', kind: 'video', width: 2, height: 2, seconds: [4] },
  ])
  expect((await json('assets', 'list', '--status', 'ready')).data).toHaveLength(2)
  expect((await json('assets', 'show', 'kept')).data).toMatchObject({
    id: 'kept',
    status: 'ready',
    renditions: [{ name: '720p', segments: 1, bytes: 1000 }],
  })
  expect((await json('assets', 'delete', 'goes')).code).toBe(0)
  expect((await json('assets', 'show', 'goes')).code).toBe(1)
  expect((await cli(['assets', 'list'])).stdout).toContain('kept')
})

it('runs a failed ingest again, and no other', async () => {
  await database.pool.query(
    `insert into engine.assets (id, status, progress_state, ingest_type, settings, source_key, source_bytes, errors,
       deadline_at, created_at, completed_at)
     values ('failed', 'errored', 'errored', 'on_demand_direct_upload', '{}', 'spool/failed', 3, '{"messages": ["no"]}',
       now(), now(), now())`,
  )
  expect((await json('jobs', 'rerun', 'failed')).data.error).toContain('source')
  await writeFile(join(folder, 'source.part'), 'abc')
  await parts.sources.import('spool/failed', join(folder, 'source.part'))
  expect((await json('jobs', 'rerun', 'failed')).data).toEqual({ asset: 'failed', task: 'ingest_first' })
  const { rows } = await database.pool.query(
    `select status, progress_state, errors, completed_at from engine.assets where id = 'failed'`,
  )
  expect(rows[0]).toEqual({
    status: 'preparing',
    progress_state: 'ingesting',
    errors: null,
    completed_at: null,
  })
  const { data } = await json('jobs', 'list')
  expect(data).toContainEqual(expect.objectContaining({ task: 'ingest_first', state: 'waiting' }))
  await database.pool.query(`update engine.assets set progress_state = 'completed' where id = 'kept'`)
  expect((await json('jobs', 'rerun', 'kept')).data.error).toContain('complete')
  expect((await json('jobs', 'rerun', 'nothing')).code).toBe(1)
})

it('lists deliveries and sends again what was given up', async () => {
  await inTransaction(parts.ctx.pool, (tx) =>
    emitEvent(tx, parts.ctx, { type: 'video.upload.created', object: { type: 'upload', id: 'u' }, data: {} }),
  )
  await database.pool.query(
    'update engine.webhook_deliveries set next_attempt_at = null, gave_up_at = now(), attempt_count = 29',
  )
  const { data } = await json('webhooks', 'list', '--state', 'given-up')
  expect(data).toContainEqual(expect.objectContaining({ endpoint: RECEIVER, attempts: 29, object_id: 'u' }))
  expect((await json('webhooks', 'redeliver')).code).toBe(64)
  expect((await json('webhooks', 'redeliver', data[0].event_id)).data).toEqual({ due: 1 })
  expect((await json('webhooks', 'list', '--state', 'given-up')).data).toHaveLength(data.length - 1)
  const others = data.length - 1
  expect((await json('webhooks', 'redeliver', '--given-up')).data).toEqual({ due: others })
})

it('shows usage by asset and by day', async () => {
  const { data } = await json('usage', '--from', '2026-10-01', '--to', '2026-10-03', '--asset', 'kept')
  expect(data).toMatchObject([{ assetId: 'kept', encodingMinutes: 4 / 60, storageMinuteDays: (2 * 4) / 60 }])
  const days = await json('usage', '--by', 'day', '--from', '2026-10-01', '--to', '2026-10-03')
  expect(days.data.map((each: { day: string }) => each.day)).toEqual(['2026-10-01', '2026-10-02'])
  expect((await cli(['usage', '--from', 'monday'])).code).toBe(64)
})

it('makes and deletes signing keys, verifies storage, and looks at everything', async () => {
  const { data: key } = await json('signing-keys', 'create')
  expect(Buffer.from(key.private_key, 'base64').toString()).toContain('PRIVATE KEY')
  expect((await json('signing-keys', 'list')).data).toHaveLength(1)
  expect((await json('signing-keys', 'delete', key.id)).code).toBe(0)
  const verified = await json('storage', 'verify')
  expect(verified).toMatchObject({ code: 1, data: { ok: false } })
  expect(verified.data.missing).toContainEqual(expect.objectContaining({ assetId: 'kept' }))
  const doctor = await json('doctor')
  expect(doctor.data.findings.filter((each: { ok: boolean }) => !each.ok)).toEqual([])
  expect(doctor.code).toBe(0)
  const broken = await cli(['doctor', '--json'], { ...settings, FFMPEG_PATH: '/nowhere/ffmpeg' })
  expect(broken.code).toBe(1)
  expect(JSON.parse(broken.stdout).findings).toContainEqual(
    expect.objectContaining({ check: 'ffmpeg', ok: false }),
  )
})
