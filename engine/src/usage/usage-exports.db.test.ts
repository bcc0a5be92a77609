import { afterAll, beforeAll, expect, it } from 'vitest'
import { listUsageExports } from '#engine/api/system/v1/usage/exports/list.ts'
import { listUsage } from '#engine/api/video/v1/delivery-usage/list.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import { insertPlayedVideo } from '../../../tests/support/played-video.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { makeExports, readExport } from './usage-exports.ts'
import { usageByAsset } from './usage-report.ts'

let database: TestDatabase
let parts: EngineParts
const at = (text: string) => new Date(`2026-${text}:00Z`)

beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database)
  const video = (seconds: number) => [
    { name: '720p', kind: 'video' as const, width: 640, height: 360, seconds: [seconds] },
  ]
  await insertPlayedVideo(database.pool, 'ten-minutes', video(600), { at: at('10-29T12:00') })
  await insertPlayedVideo(database.pool, 'one-minute', video(60), { at: at('10-30T00:00') })
  await insertPlayedVideo(database.pool, 'gone', video(120), { at: at('10-30T06:00') })
  await database.pool.query(
    `update engine.assets set deleted_at = $1, passthrough = null where id = 'gone'`,
    [at('10-30T18:00')],
  )
  await deliver('one-minute', '10-30T10:00', 'tier_720p', 30)
  await deliver('one-minute', '10-30T11:00', 'tier_1080p', 90)
  await deliver('gone', '10-30T11:00', 'tier_720p', 200.5)
  parts.setClock(at('10-31T23:30'))
})
afterAll(async () => {
  await parts.stop()
  await database.close()
})

async function deliver(assetId: string, hour: string, tier: string, seconds: number): Promise<void> {
  await database.pool.query('insert into engine.delivery_usage values ($1, $2, $3, $4)', [
    assetId,
    at(hour),
    tier,
    seconds,
  ])
}

type Answer = { data: Record<string, unknown>[]; meta: Record<string, unknown>; timeframe: number[] }
const unix = (text: string) => at(text).getTime() / 1000
const ask = async (what: typeof listUsage, query: string) => {
  const answer = await what.run({ ctx: parts.ctx, query: new URLSearchParams(query) } as never)
  return (answer as unknown as { body: Answer }).body
}
const refusal = (status: number) => expect.objectContaining({ status })

it('[CMA-01] derives storage and encoding from lengths and instants', async () => {
  const day = { from: at('10-30T00:00'), to: at('10-31T00:00'), now: at('10-31T23:30') }
  const found = await usageByAsset(database.pool, day)
  expect(found.map((each) => [each.assetId, each.storageMinuteDays, each.encodingMinutes])).toEqual([
    ['gone', 1, 2],
    ['one-minute', 1, 1],
    ['ten-minutes', 10, 0],
  ])
  const before = await usageByAsset(database.pool, {
    ...day,
    from: at('10-29T00:00'),
    to: at('10-30T00:00'),
  })
  expect(before.map((each) => [each.storageMinuteDays, each.encodingMinutes])).toEqual([[5, 10]])
  const running = await usageByAsset(database.pool, {
    from: at('10-31T00:00'),
    to: at('11-01T00:00'),
    now: at('10-31T06:00'),
    assetId: 'ten-minutes',
  })
  expect(running[0]!.storageMinuteDays).toBe(2.5)
})

it('[CMA-01] lists delivered seconds by asset, most first, deleted ones too', async () => {
  const answer = await ask(listUsage, `timeframe[]=${unix('10-30T10:00')}&timeframe[]=${unix('10-30T12:00')}`)
  expect(answer).toMatchObject({
    page: 1,
    limit: 100,
    total_row_count: 2,
    timeframe: [unix('10-30T10:00'), unix('10-30T12:00')],
  })
  expect(answer.data).toEqual([
    expect.objectContaining({
      asset_id: 'gone',
      asset_state: 'deleted',
      deleted_at: String(unix('10-30T18:00')),
      delivered_seconds: 200.5,
      delivered_seconds_by_resolution: { tier_720p: 200.5 },
    }),
    {
      asset_id: 'one-minute',
      asset_state: 'ready',
      asset_resolution_tier: '1080p',
      asset_encoding_tier: 'smart',
      asset_video_quality: 'plus',
      asset_duration: 60,
      created_at: String(unix('10-30T00:00')),
      passthrough: 'mine',
      delivered_seconds: 120,
      delivered_seconds_by_resolution: { tier_720p: 30, tier_1080p: 90 },
    },
  ])
})

it('asks only for the window, the asset and the page', async () => {
  const window = `timeframe[]=${unix('10-30T10:00')}&timeframe[]=${unix('10-30T12:00')}`
  const one = await ask(listUsage, `${window}&asset_id=one-minute`)
  expect(one.data).toHaveLength(1)
  const half = await ask(
    listUsage,
    `timeframe[]=${unix('10-30T11:00')}&timeframe[]=${unix('10-30T12:00')}&asset_id=one-minute`,
  )
  expect(half.data[0]!.delivered_seconds).toBe(90)
  const second = await ask(listUsage, `${window}&limit=1&page=2`)
  expect(second).toMatchObject({ page: 2, limit: 1, total_row_count: 2, data: [{ asset_id: 'one-minute' }] })
  const past = await ask(listUsage, `${window}&page=9`)
  expect(past).toMatchObject({ page: 9, total_row_count: 2, data: [] })
  expect((await ask(listUsage, `${window}&live_stream_id=x`)).data).toEqual([])
})

it('by default answers for the hour that ended twelve hours ago', async () => {
  parts.setClock(at('10-31T00:20'))
  const answer = await ask(listUsage, '')
  expect(answer.timeframe).toEqual([unix('10-30T11:00'), unix('10-30T12:00')])
  expect(answer.data).toHaveLength(2)
  parts.setClock(at('10-31T23:30'))
})

it.each([
  'asset_id=a&live_stream_id=b',
  'timeframe[]=1',
  'timeframe[]=x&timeframe[]=y',
  `timeframe[]=${unix('10-30T12:00')}&timeframe[]=${unix('10-30T10:00')}`,
  `timeframe[]=${unix('10-30T12:00')}&timeframe[]=${unix('10-31T20:00')}`,
  `timeframe[]=${unix('07-01T00:00')}&timeframe[]=${unix('07-02T00:00')}`,
])('refuses %s', async (query) => {
  await expect(ask(listUsage, query)).rejects.toEqual(refusal(400))
})

it('[CMA-01] makes a CSV for each day that is over, and anew when late deliveries come in', async () => {
  const frame = `timeframe[]=${unix('10-29T00:00')}&timeframe[]=${unix('10-31T00:00')}`
  await expect(ask(listUsageExports, frame)).rejects.toEqual(refusal(412))
  await makeExports(parts.ctx)
  const answer = await ask(listUsageExports, `${frame}&download_url_ttl=60`)
  expect(answer.meta).toEqual({ page: 1, pages: 1, limit: 25, total: 2 })
  expect(answer.data.map((each) => each.date)).toEqual(['2026-10-30', '2026-10-29'])
  expect(answer.data[0]!.download_url_expires_at).toBe(unix('10-31T23:31'))
  const csv = (await readExport(database.pool, '2026-10-30'))!
  expect(answer.data[0]!.file_size).toBe(csv.length)
  const [head, first] = csv.toString().split('\r\n')
  const cells = Object.fromEntries(head!.split(',').map((name, n) => [name, first!.split(',')[n]]))
  expect(cells).toMatchObject({
    date: '2026-10-30',
    asset_id: 'gone',
    storage_minutes: '1',
    encoding_minutes: '2',
    delivery_minutes: '3.341667',
    delivery_minutes_720p: '3.341667',
    delivery_minutes_1080p: '0',
  })
  await deliver('one-minute', '10-30T23:00', 'tier_720p', 60)
  await database.pool.query(`update engine.usage_exports set stale = true where day = '2026-10-30'`)
  await expect(ask(listUsageExports, frame)).rejects.toEqual(refusal(412))
  await makeExports(parts.ctx)
  expect((await ask(listUsageExports, frame)).meta.total).toBe(2)
  expect((await readExport(database.pool, '2026-10-30'))!.toString()).toContain(',3,0,1.5,1.5,')
})

it('refuses exports as Mux does', async () => {
  const far = `timeframe[]=${unix('01-01T00:00')}&timeframe[]=${unix('01-02T00:00')}`
  await expect(ask(listUsageExports, far)).rejects.toEqual(refusal(404))
  for (const query of [
    'timeframe[]=soon',
    'timeframe[]=1',
    'download_url_ttl=0',
    'download_url_ttl=604801',
  ]) {
    await expect(ask(listUsageExports, query), query).rejects.toEqual(refusal(400))
  }
  expect((await ask(listUsageExports, 'timeframe[]=2:days')).meta.total).toBe(2)
  parts.ctx.settings.usageExports = false
  await expect(ask(listUsageExports, '')).rejects.toEqual(refusal(403))
})
