import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { sweepInterim } from './sweep-interim.ts'

let database: TestDatabase
let parts: EngineParts
const completedAt = new Date('2026-11-01T00:00:00Z')
const HOUR = 3600_000
beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database)
})
afterAll(async () => {
  await parts.stop()
  await database.close()
})
beforeEach(async () => {
  await database.pool.query('delete from engine.playback_sessions')
  await database.pool.query('delete from engine.assets')
  await database.pool.query(
    `insert into engine.assets (id, ingest_type, deadline_at, created_at, completed_at, progress_state, duration_seconds)
     values ('film', 'on_demand_url', $1, $1, $1, 'completed', 60)`,
    [completedAt],
  )
  await addRendition('source', 'video')
  await addRendition('audio', 'audio')
})

const addRendition = (name: string, kind: string) =>
  database.pool.query(
    `insert into engine.renditions (asset_id, name, kind, codecs, bandwidth, average_bandwidth, init_bytes, segments,
       folder, created_at) values ('film', $1, $2, 'x', 1, 1, 4, '[]', 'assets/film/' || $1 || '-a/', now())`,
    [name, kind],
  )

async function leftAfter(hours: number): Promise<string[]> {
  parts.setClock(new Date(completedAt.getTime() + hours * HOUR))
  await sweepInterim(parts.ctx)
  const { rows } = await database.pool.query('select name from engine.renditions order by name')
  return rows.map(({ name }) => name)
}

it('keeps what is played first as long as it is the only picture', async () => {
  expect(await leftAfter(48)).toEqual(['audio', 'source'])
})

it('removes it, and its bytes by a job, an hour after the ladder stands', async () => {
  await addRendition('720p', 'video')
  expect(await leftAfter(0.9)).toEqual(['720p', 'audio', 'source'])
  expect(await leftAfter(1.1)).toEqual(['720p', 'audio'])
  const { rows } = await database.pool.query(
    `select payload from engine_worker._private_jobs where key = 'remove_interim:film'`,
  )
  expect(rows).toEqual([{ payload: { assetId: 'film', prefixes: ['assets/film/source-a/'] } }])
})

it('keeps it for a session that began before, but a day at most', async () => {
  await addRendition('720p', 'video')
  await database.pool.query(
    `insert into engine.playback_ids (id, asset_id, policy, created_at) values ($1, 'film', 'signed', $2)`,
    ['p'.repeat(44), completedAt],
  )
  await database.pool.query(
    `insert into engine.playback_sessions (id, playback_id, expires_at, created_at)
     values ('s', $1, $2::timestamptz + interval '30 days', $2::timestamptz - interval '1 minute')`,
    ['p'.repeat(44), completedAt],
  )
  expect(await leftAfter(23)).toEqual(['720p', 'audio', 'source'])
  expect(await leftAfter(25)).toEqual(['720p', 'audio'])
})
