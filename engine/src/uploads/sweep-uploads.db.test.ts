import { afterAll, beforeAll, expect, it } from 'vitest'
import { createUpload } from '#engine/api/video/v1/uploads/create.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { removeUploadBytes, sweepUploads } from './sweep-uploads.ts'
import { findUpload } from './upload-record.ts'

let database: TestDatabase
let parts: EngineParts

beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database)
})
afterAll(async () => {
  await parts.stop()
  await database.close()
})

const start = new Date('2026-11-01T00:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

async function newUpload(timeout: number): Promise<string> {
  parts.setClock(start)
  const answer = await createUpload.run({
    ctx: parts.ctx,
    uploads: parts.uploads,
    param: () => '',
    query: new URLSearchParams(),
    body: { cors_origin: '*', timeout },
    credentialId: 'test',
  })
  return (answer as unknown as { body: { data: { id: string } } }).body.data.id
}

async function arrive(id: string, bytes: number, total: number | null, at: Date): Promise<void> {
  const file = await parts.uploads.spool.openForWriting(id, 0)
  await file.append(Buffer.alloc(bytes))
  await file.close()
  await database.pool.query(
    'update engine.uploads set received_bytes = $2, total_bytes = $3, last_byte_at = $4 where id = $1',
    [id, bytes, total, at],
  )
}

const statusOf = async (id: string) => (await findUpload(database.pool, id))?.status

const eventsOf = async (id: string) =>
  (
    await database.pool.query(
      'select type from engine.webhook_events where object_id = $1 order by sequence',
      [id],
    )
  ).rows.map(({ type }) => type)

it('[MUX-07] times out an upload whose time is over, without an event, and removes its bytes', async () => {
  const id = await newUpload(60)
  await arrive(id, 100, 200, after(1))
  parts.setClock(after(59))
  await sweepUploads(parts.uploads)
  expect(await statusOf(id)).toBe('waiting')
  parts.setClock(after(3600))
  await sweepUploads(parts.uploads)
  expect(await statusOf(id)).toBe('timed_out')
  expect(await eventsOf(id)).toEqual(['video.upload.created'])
  const { rows } = await database.pool.query('select key from engine_worker.jobs where key = $1', [
    `remove_upload:${id}`,
  ])
  expect(rows).toHaveLength(1)
  await removeUploadBytes(parts.uploads, id)
  expect(await parts.uploads.spool.size(id)).toBe(0)
  await removeUploadBytes(parts.uploads, id)
})

it('[MUX-07] leaves alone an upload whose bytes are still arriving', async () => {
  const id = await newUpload(60)
  await arrive(id, 100, 200, after(3500))
  parts.setClock(after(3600))
  await sweepUploads(parts.uploads)
  expect(await statusOf(id)).toBe('waiting')
  parts.setClock(after(3500 + 601))
  await sweepUploads(parts.uploads)
  expect(await statusOf(id)).toBe('timed_out')
})

it('[MUX-07] completes an upload whose last byte came just before a crash', async () => {
  const id = await newUpload(3600)
  await arrive(id, 200, 200, after(1))
  parts.setClock(after(62))
  await sweepUploads(parts.uploads)
  await sweepUploads(parts.uploads)
  const upload = await findUpload(database.pool, id)
  expect(upload?.status).toBe('asset_created')
  const { rows } = await database.pool.query(
    'select id, source_bytes from engine.assets where upload_id = $1',
    [id],
  )
  expect(rows).toEqual([{ id: upload?.asset_id, source_bytes: 200 }])
  expect(await eventsOf(id)).toEqual(['video.upload.created', 'video.upload.asset_created'])
})

it('never removes the bytes of an upload that became an asset', async () => {
  const id = await newUpload(3600)
  await arrive(id, 200, 200, after(1))
  parts.setClock(after(62))
  await sweepUploads(parts.uploads)
  await removeUploadBytes(parts.uploads, id)
  expect(await parts.uploads.spool.size(id)).toBe(200)
})
