import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { verifyStorage } from './verify-storage.ts'
import { sweepWorkFolders } from './work-folders.ts'

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

async function assetWithRendition(id: string, finished: boolean): Promise<void> {
  await database.pool.query(
    `insert into engine.assets (id, ingest_type, deadline_at, created_at, completed_at, source_key, media)
     values ($1, 'on_demand_url', now(), now(), $2, 'spool/' || $1, '{}')`,
    [id, finished ? new Date() : null],
  )
  await database.pool.query(
    `insert into engine.renditions (asset_id, name, kind, codecs, bandwidth, average_bandwidth, init_bytes, segments,
       folder, created_at) values ($1, '720p', 'video', 'avc1', 1, 1, 4, '[[4, 3], [4, 5]]', $2, now())`,
    [id, `assets/${id}/720p-a/`],
  )
  const { storage, ctx } = parts
  await storage.put(`assets/${id}/720p-a/init.mp4`, Buffer.alloc(4))
  await storage.put(`assets/${id}/720p-a/0.m4s`, Buffer.alloc(3))
  await storage.put(`assets/${id}/720p-a/1.m4s`, Buffer.alloc(5))
  await mkdir(join(ctx.settings.folder, 'spool'), { recursive: true })
  await writeFile(join(ctx.settings.folder, 'spool', id), 'source')
}

const verify = (remove = false, graceMs = 0) =>
  verifyStorage({ pool: database.pool, ...parts }, { graceMs, remove })

it('finds nothing where rows and bytes agree, whatever is being made', async () => {
  await assetWithRendition('whole', true)
  await assetWithRendition('making', false)
  await parts.storage.put('assets/making/480p-b/0.m4s', Buffer.alloc(9))
  await parts.storage.put('assets/whole/images/made/small.jpg', Buffer.alloc(9))
  expect(await verify()).toEqual({ objects: 10, bytes: 54, orphans: [], missing: [] })
})

it('names and removes what no row knows of, but not what is young', async () => {
  const keys = ['assets/gone/720p-a/0.m4s', 'assets/whole/480p-b/0.m4s']
  for (const key of keys) await parts.storage.put(key, Buffer.alloc(7))
  await writeFile(join(parts.ctx.settings.folder, 'spool', 'stray'), '12')
  expect((await verify(true, 60_000)).orphans).toEqual([])
  const expected = [...keys.map((key) => ({ key, bytes: 7 })), { key: 'spool/stray', bytes: 2 }]
  expect((await verify(true)).orphans).toEqual(expected)
  expect((await verify()).orphans).toEqual([])
})

it('names what a row knows of and is not there, or not whole', async () => {
  await parts.storage.delete('assets/whole/720p-a/0.m4s')
  await parts.storage.put('assets/whole/720p-a/1.m4s', Buffer.alloc(4))
  await parts.sources.remove('spool/making')
  await parts.storage.deletePrefix('assets/making/')
  expect((await verify()).missing).toEqual([
    { assetId: 'whole', key: 'assets/whole/720p-a/0.m4s' },
    { assetId: 'whole', key: 'assets/whole/720p-a/1.m4s' },
    { assetId: 'making', key: 'assets/making/720p-a/init.mp4' },
    { assetId: 'making', key: 'assets/making/720p-a/0.m4s' },
    { assetId: 'making', key: 'assets/making/720p-a/1.m4s' },
    { assetId: 'making', key: 'spool/making' },
  ])
})

it('removes work folders that nobody works in', async () => {
  const work = join(parts.ctx.settings.folder, 'work')
  for (const name of ['dead.a1', 'busy.b2', 'side.dead.master.c3'])
    await mkdir(join(work, name), { recursive: true })
  const turn = await parts.running.begin('busy')
  await sweepWorkFolders(parts.ctx.settings.folder, parts.running)
  expect(await readdir(work)).toEqual(['busy.b2'])
  await turn!.end()
})
