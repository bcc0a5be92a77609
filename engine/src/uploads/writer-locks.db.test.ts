import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'

let database: TestDatabase
let one: EngineParts
let other: EngineParts

beforeAll(async () => {
  database = await createTestDatabase('engine')
  one = await startEngineParts(database)
  other = await startEngineParts(database)
})
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()])
  await database.close()
})

/** A writer that lets go as soon as it is told to stop, like a stream whose socket is destroyed. */
async function write(parts: EngineParts, uploadId: string) {
  let release: (() => Promise<void>) | null = null
  const abort = vi.fn(() => void release?.())
  release = await parts.uploads.locks.acquire(uploadId, abort)
  return { abort, release }
}

it('[MUX-07] gives the turn to whoever comes last, within one process', async () => {
  const first = await write(one, 'a')
  const second = await write(one, 'a')
  expect(first.abort).toHaveBeenCalled()
  expect(second.release).not.toBeNull()
  expect(second.abort).not.toHaveBeenCalled()
  await second.release?.()
})

it('[MUX-07] and over processes', async () => {
  const first = await write(one, 'b')
  const second = await write(other, 'b')
  expect(first.abort).toHaveBeenCalled()
  expect(second.release).not.toBeNull()
  const third = await write(one, 'b')
  expect(second.abort).toHaveBeenCalled()
  await third.release?.()
})

it('keeps different uploads apart', async () => {
  const first = await write(one, 'c')
  const second = await write(other, 'd')
  expect(first.abort).not.toHaveBeenCalled()
  await Promise.all([first.release?.(), second.release?.()])
})

it('stops a writer wherever it runs when its upload is cancelled', async () => {
  const writer = await write(other, 'e')
  await one.uploads.locks.interrupt('e')
  await vi.waitFor(() => expect(writer.abort).toHaveBeenCalled(), 30_000)
})

it('stops its writers when the connection that holds their locks breaks, and goes on afterwards', async () => {
  const writer = await write(one, 'f')
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
  )
  await vi.waitFor(() => expect(writer.abort).toHaveBeenCalled(), 30_000)
  const again = await write(one, 'f')
  expect(again.release).not.toBeNull()
  await again.release?.()
})

it('refuses new writers once it is stopped', async () => {
  const third = await startEngineParts(database)
  const writer = await write(third, 'g')
  await third.uploads.locks.stop()
  expect(writer.abort).toHaveBeenCalled()
  expect((await write(third, 'g')).release).toBeNull()
  await third.stop()
})
