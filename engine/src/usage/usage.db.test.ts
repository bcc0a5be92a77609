import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { insertPlayedVideo, type PlayedVideo } from '../../../tests/support/played-video.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { createUsage, type Usage } from './usage.ts'

let database: TestDatabase
let folder: string
let parts: EngineParts
let usage: Usage
let server: Listening
let film: PlayedVideo
let song: PlayedVideo
const SEGMENT_BYTES = 10_000
const SECONDS = [4, 4.004, 2.5]

beforeAll(async () => {
  database = await createTestDatabase('engine')
  film = await insertPlayedVideo(database.pool, 'film', [
    { name: '720p', kind: 'video', width: 1280, height: 720, seconds: SECONDS },
    { name: '1080p', kind: 'video', width: 1920, height: 1080, seconds: SECONDS },
    { name: '2160p', kind: 'video', width: 3840, height: 2160, seconds: SECONDS },
    { name: 'audio', kind: 'audio', seconds: SECONDS },
  ])
  song = await insertPlayedVideo(
    database.pool,
    'song',
    [{ name: 'audio', kind: 'audio', seconds: SECONDS }],
    {
      tier: 'audio-only',
    },
  )
})
beforeEach(async () => {
  await database.pool.query('truncate engine.delivery_usage, engine.usage_batches')
  folder = await mkdtemp(join(tmpdir(), 'engine-usage-'))
  parts = await startEngineParts(database, { folder })
  usage = createUsage(parts.ctx)
  // /{storage key}?from&to: what the delivery side does with a stored object, and no more.
  server = await listenOnFreePort(
    createServer((req, res) => {
      const url = new URL(req.url!, 'http://x')
      const size = Number(url.searchParams.get('size') ?? SEGMENT_BYTES)
      const bytes = Number(url.searchParams.get('bytes') ?? size)
      res.writeHead(200, { 'content-length': bytes })
      usage.served(req, res, url.pathname.slice(1), bytes, size)
      res.end(Buffer.alloc(bytes))
    }),
  )
})
afterEach(async () => {
  await server.stop()
  await usage.stop()
  await parts.stop()
  await rm(folder, { recursive: true, force: true })
})
afterAll(() => database.close())

const play = async (key: string, query = '') => (await fetch(`${server.origin}/${key}${query}`)).arrayBuffer()

async function counted(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query(
    'select asset_id, tier, sum(seconds) as seconds from engine.delivery_usage group by 1, 2',
  )
  return Object.fromEntries(rows.map((row) => [`${row.asset_id} ${row.tier}`, row.seconds]))
}

const plays = fc.array(
  fc.record({
    rendition: fc.constantFrom('720p', '1080p', '2160p', 'audio'),
    segment: fc.nat(2),
    bytes: fc.oneof(fc.constant(SEGMENT_BYTES), fc.integer({ min: 1, max: SEGMENT_BYTES })),
  }),
  { maxLength: 40 },
)
const TIERS: Record<string, string> = { '720p': 'tier_720p', '1080p': 'tier_1080p', '2160p': 'tier_2160p' }

it('[CMA-01] counts what was sent, to the second, whatever was played', async () => {
  await fc.assert(
    fc.asyncProperty(plays, async (played) => {
      await database.pool.query('truncate engine.delivery_usage')
      await Promise.all(
        played.map((each) => play(film.key(each.rendition, each.segment), `?bytes=${each.bytes}`)),
      )
      await usage.flush()
      const expected: Record<string, number> = {}
      for (const { rendition, segment, bytes } of played) {
        if (rendition === 'audio') continue
        const name = `film ${TIERS[rendition]}`
        expected[name] = (expected[name] ?? 0) + (SECONDS[segment]! * bytes) / SEGMENT_BYTES
      }
      const found = await counted()
      expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
      for (const [name, seconds] of Object.entries(expected)) expect(found[name]).toBeCloseTo(seconds, 6)
    }),
    { numRuns: 25 },
  )
})

it('counts the sound of an asset that has no picture, and static renditions by their part', async () => {
  await database.pool.query(
    `insert into engine.static_renditions (id, asset_id, name, ext, resolution, status, width, height, object_key, created_at)
     values ('s', 'film', '1080p.mp4', 'mp4', '1080p', 'ready', 1920, 1080, 'assets/film/static/1080p.mp4', now()),
       ('t', 'film', 'audio.m4a', 'm4a', 'audio-only', 'ready', null, null, 'assets/film/static/audio.m4a', now())
     on conflict do nothing`,
  )
  await play(song.key('audio', 1))
  await play('assets/film/static/1080p.mp4', '?bytes=2500')
  await play('assets/film/static/audio.m4a')
  for (const free of ['init.mp4', 'thumbnail.jpg', 'captions.vtt', 'master.mp4']) {
    await play(`assets/film/720p.attempt/${free}`)
  }
  await usage.flush()
  expect(await counted()).toEqual({
    'song tier_audio_only': 4.004,
    'film tier_1080p': expect.closeTo(10.504 / 4, 6),
    'film tier_audio_only': expect.closeTo(10.504, 6),
  })
})

it('puts each answer into the hour in which it began', async () => {
  parts.setClock(new Date('2026-11-01T10:59:59.999Z'))
  await play(film.key('720p', 0))
  parts.setClock(new Date('2026-11-01T11:00:00Z'))
  await play(film.key('720p', 0))
  await usage.flush()
  const { rows } = await database.pool.query('select hour, seconds from engine.delivery_usage order by hour')
  expect(rows).toEqual([
    { hour: new Date('2026-11-01T10:00:00Z'), seconds: 4 },
    { hour: new Date('2026-11-01T11:00:00Z'), seconds: 4 },
  ])
})

it('of an answer that breaks off, counts what the system had taken', async () => {
  const size = 40_000_000
  const request = get(`${server.origin}/${film.key('720p', 0)}?size=${size}`)
  const [answer] = await once(request, 'response')
  let got = 0
  answer.on('data', (piece: Buffer) => {
    got += piece.length
    if (got > 10_000_000) answer.pause()
  })
  answer.on('error', () => undefined)
  request.on('error', () => undefined)
  await vi.waitFor(() => expect(answer.isPaused()).toBe(true), 30_000)
  // Two looks of the sampler go by, after which nothing moves any more.
  const began = Date.now()
  await vi.waitFor(() => expect(Date.now() - began).toBeGreaterThan(300), 30_000)
  request.destroy()
  await vi.waitFor(async () => {
    await usage.flush()
    const seconds = (await counted())['film tier_720p']!
    expect(seconds).toBeLessThan(3.9)
    expect(seconds).toBeGreaterThanOrEqual((4 * got) / size)
  }, 30_000)
})

it('counts once, however many import at the same time', async () => {
  await Promise.all(Array.from({ length: 50 }, () => play(film.key('720p', 0))))
  const others = [createUsage(parts.ctx), createUsage(parts.ctx), createUsage(parts.ctx)]
  await Promise.all([usage.flush(), ...others.map((other) => other.start())])
  await Promise.all([usage.flush(), ...others.map((other) => other.stop())])
  expect(await counted()).toEqual({ 'film tier_720p': 200 })
})

it('loses nothing when a process is killed', async () => {
  const script = `
    import { createUsageJournal } from ${JSON.stringify(join(import.meta.dirname, 'usage-journal.ts'))}
    const journal = createUsageJournal(${JSON.stringify(join(folder, 'usage'))}, console)
    let written = 0
    const go = () => {
      for (let n = 0; n < 7; n += 1) { journal.append(${JSON.stringify(film.key('1080p', 0))}, 1, 1, 490000); written += 1 }
      process.stdout.write(written + '\\n', () => setImmediate(go))
    }
    go()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.on('data', (text) => {
    told += text
    if (told.length > 20_000) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const last = Number(told.trimEnd().split('\n').at(-1))
  await usage.start()
  const found = (await counted())['film tier_1080p']!
  expect(found).toBeGreaterThanOrEqual(last * 4)
  // What was written but not told of: one turn of the loop, or two where a line of output was cut.
  expect(found).toBeLessThanOrEqual((last + 14) * 4)
  // The journal stays until it is certain that nobody writes it.
  const [name] = await readdir(join(folder, 'usage'))
  const old = new Date(Date.now() - 10 * 60_000)
  await utimes(join(folder, 'usage', name!), old, old)
  const next = createUsage(parts.ctx)
  await next.start()
  await next.stop()
  expect(await readdir(join(folder, 'usage'))).toEqual([])
  expect((await counted())['film tier_1080p']).toBe(found)
})

it('knows what was played though its rows are gone by the time it is imported', async () => {
  const gone = await insertPlayedVideo(database.pool, 'gone', [
    { name: '720p', kind: 'video', width: 640, height: 360, seconds: [3, 3] },
  ])
  await usage.start()
  await play(gone.key('720p', 0))
  await vi.waitFor(async () => expect(await counted()).toEqual({ 'gone tier_720p': 3 }), 30_000)
  await database.pool.query(`delete from engine.renditions where asset_id = 'gone'`)
  await play(gone.key('720p', 1))
  const heir = createUsage(parts.ctx)
  await heir.start()
  await heir.stop()
  await usage.flush()
  expect(await counted()).toEqual({ 'gone tier_720p': 6 })
})

it('keeps counting while the disk takes nothing, and writes it down afterwards', async () => {
  await writeFile(join(folder, 'usage'), 'in the way')
  await play(film.key('720p', 0))
  await usage.flush()
  expect(await counted()).toEqual({})
  await rm(join(folder, 'usage'))
  await mkdir(join(folder, 'usage'))
  await chmod(join(folder, 'usage'), 0o700)
  await play(film.key('720p', 1))
  await usage.flush()
  expect(await counted()).toEqual({ 'film tier_720p': expect.closeTo(8.004, 6) })
})
