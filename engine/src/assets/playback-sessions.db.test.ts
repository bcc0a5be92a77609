import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { PLAYBACK_CHANNEL, playbackSessionId } from '#engine/platform/playback-session-id.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { endPlayback, expireSessionsOfKey, pruneSessions, revokeSessions } from './playback-sessions.ts'

let database: TestDatabase
let parts: EngineParts
const playbackId = 'P'.repeat(44)
const start = new Date('2026-11-01T00:00:00Z')
const hours = (count: number) => new Date(start.getTime() + count * 3_600_000)

beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database)
})
afterAll(async () => {
  await parts.stop()
  await database.close()
})

const open = (id: string, expiresAt: Date, key = 'key') =>
  database.pool.query(
    `insert into engine.playback_sessions (id, playback_id, signing_key_id, expires_at, created_at) values ($1, $2, $3, $4, $5)`,
    [id, playbackId, key, expiresAt, start],
  )

const rows = async () =>
  (await database.pool.query('select id, expires_at, revoked_at from engine.playback_sessions order by id'))
    .rows

it('[SPS-02] revokes sessions once, seen or not, and tells every process', async () => {
  const told: string[] = []
  const other = await startEngineParts(database)
  other.ctx.session.listen(PLAYBACK_CHANNEL, (payload) => told.push(payload))
  const ended = vi.spyOn(parts.ctx, 'onPlaybackEnded')
  const seen = playbackSessionId(playbackId, 'seen')
  await open(seen, hours(1))
  expect(await revokeSessions(parts.ctx, playbackId, ['seen', 'unseen', 'seen'])).toBe(2)
  expect(await revokeSessions(parts.ctx, playbackId, ['seen', 'unseen'])).toBe(0)
  expect((await rows()).map(({ id, revoked_at }) => [id, revoked_at])).toEqual(
    [seen, playbackSessionId(playbackId, 'unseen')].toSorted().map((id) => [id, start]),
  )
  expect(ended).toHaveBeenCalledWith(playbackId)
  await vi.waitFor(() => expect(told).toContain(playbackId), 30_000)
  await other.stop()
})

it('[SPS-02] remembers a revoked session for 24 hours, and others as long after they ended', async () => {
  await open('later', hours(30))
  parts.setClock(hours(23))
  await pruneSessions(parts.ctx)
  expect(await rows()).toHaveLength(3)
  parts.setClock(hours(49))
  await pruneSessions(parts.ctx)
  expect((await rows()).map(({ id }) => id)).toEqual(['later'])
  parts.setClock(start)
})

it('[SPS-09] a deleted key ends its sessions, but does not forbid them', async () => {
  await open('other key', hours(1), 'other')
  await expireSessionsOfKey(database.pool, parts.ctx, 'key')
  expect(await rows()).toEqual([
    { id: 'later', expires_at: start, revoked_at: null },
    { id: 'other key', expires_at: hours(1), revoked_at: null },
  ])
})

it('[SPS-04] ends all sessions of a playback ID', async () => {
  await open('one more', hours(2))
  expect(await endPlayback(parts.ctx, playbackId)).toBe(3)
  for (const row of await rows()) expect(row.revoked_at).toEqual(start)
})
