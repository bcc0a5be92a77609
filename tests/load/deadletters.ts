import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { type MuxCloud, startMuxCloud } from '../support/mux-cloud.ts'
import { signIn } from '../support/portal-people.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'
import { until } from '../support/until.ts'
import { type BenchResult, percentiles } from './bench.ts'

const UPLOADS = 2500
/** What an outage keeps of each upload. */
const TYPES = [
  'video.upload.asset_created',
  'video.asset.created',
  'video.asset.updated',
  'video.asset.ready',
]
const LETTERS = UPLOADS * TYPES.length
const BAR_SECONDS = 10
const LONGEST_MS = 180_000

/**
 * Replays 10,000 dead letters of 2,500 uploads, asked for over HTTP and done by the portal's worker: each upload is looked
 * up at a service that speaks Mux's API, and brought, with its video and its audit event, to the state found there.
 */
export async function run(): Promise<BenchResult> {
  const mux = await startMuxCloud()
  const stack = await startStack({
    env: {
      RATE_LIMIT_ENFORCED: 'false',
      LOG_LEVEL: 'error',
      MUX_TOKEN_ID: mux.credentials.tokenId,
      MUX_TOKEN_SECRET: mux.credentials.tokenSecret,
      MUX_WEBHOOK_SECRET: mux.credentials.webhookSecret,
      MUX_BASE_URL: mux.origin,
    },
  })
  try {
    await onDatabase(stack, (db) => fill(db, mux))
    const before = mux.calls.length
    const { seconds, batches } = await replayAll(stack)
    const left = await onDatabase(stack, countWrong)
    const calls = mux.calls.length - before
    return {
      ours: seconds,
      floor: null,
      ratio: null,
      ...percentiles(batches),
      unit: `seconds for ${LETTERS} dead letters (p50, p95, p99: of 200 letters, in the order they ended)`,
      bar: `under ${BAR_SECONDS} s, all applied, every video as the service has it`,
      holds: seconds < BAR_SECONDS && left.unapplied === 0 && left.wrong === 0,
      notes: {
        uploads: UPLOADS,
        'letters a second': LETTERS / seconds,
        'uploads looked up and settled a second': UPLOADS / seconds,
        'calls to the service': calls,
        'letters not applied': left.unapplied,
        'videos in another state than at the service': left.wrong,
      },
    }
  } finally {
    await stack.stop()
    await mux.stop()
  }
}

async function fill(db: pg.Client, mux: MuxCloud): Promise<void> {
  const { rows } = await db.query('select user_id, organisation_id from members limit 1')
  const [owner] = rows
  const uploads = Array.from({ length: UPLOADS }, (_, n) => {
    const [providerUploadId, assetId] = [`bench-upload-${n}`, `benchasset${n}`]
    const uploadId = `upl_bench${n}`
    mux.uploads.set(providerUploadId, {
      id: providerUploadId,
      status: 'asset_created',
      timeout: 3600,
      cors_origin: '*',
      new_asset_settings: { passthrough: uploadId },
      asset_id: assetId,
    })
    mux.assets.set(assetId, {
      id: assetId,
      status: 'preparing',
      upload_id: providerUploadId,
      passthrough: uploadId,
      playback_ids: [{ id: `benchplayback${n}`, policy: 'signed' }],
    })
    mux.finish(assetId)
    return { uploadId, videoId: `vid_bench${n}`, providerUploadId, assetId }
  })
  const ids = [
    uploads.map(({ uploadId }) => uploadId),
    uploads.map(({ videoId }) => videoId),
    uploads.map(({ providerUploadId }) => providerUploadId),
    uploads.map(({ assetId }) => assetId),
  ]
  const of = [...ids, owner.user_id, owner.organisation_id]
  const from =
    'from unnest($1::text[], $2::text[], $3::text[], $4::text[]) u (upload_id, video_id, provider_id, asset_id)'
  await db.query(
    `insert into videos (id, organisation_id, owner_id, title, status, provider, asset_id, created_at, checked_at)
     select video_id, $6, $5, 'Heat 2', 'processing', 'mux', asset_id, now(), now() ${from}`,
    of,
  )
  await db.query(
    `insert into uploads (id, video_id, organisation_id, owner_id, filename, content_type, size_bytes, provider_upload_id,
       status, created_at, updated_at, checked_at)
     select upload_id, video_id, $6, $5, 'Heat 2.mp4', 'video/mp4', 1000, provider_id, 'processing', now(), now(), now() ${from}`,
    of,
  )
  for (const type of TYPES) {
    const about = type.split('.')[1]
    await db.query(
      `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at, state,
         attempts, cause, last_error, died_at)
       select e.id, 'mux', $6, $7, case when $7 = 'asset' then asset_id else provider_id end,
         jsonb_build_object('passthrough', upload_id, 'upload_id', provider_id), now(), now() - interval '2 hours', 'dead',
         5, 'provider_unavailable', 'No answer.', now() - interval '1 hour'
       ${from.replace('$4::text[])', '$4::text[], $5::text[])').replace('asset_id)', 'asset_id, event_id)')},
         lateral (select event_id as id) e`,
      [...ids, uploads.map(() => randomUUID()), type, about],
    )
  }
  await db.query('analyze videos, uploads, webhook_events')
}

async function replayAll(stack: Stack): Promise<{ seconds: number; batches: number[] }> {
  const admin = await signIn(stack.url, stack.admin)
  const plan = await admin.call<{ found: number }>('POST', '/api/admin/webhooks/dead-letters/replay', {
    dryRun: true,
  })
  if (plan.found !== LETTERS) throw new Error(`${plan.found} dead letters were found, not ${LETTERS}`)
  const began = performance.now()
  const { id } = await admin.call<{ id: string }>('POST', '/api/admin/webhooks/dead-letters/replay', {})
  await until(
    'the replay is done',
    async () => {
      const { items } = await admin.call<{ items: { id: string; status: string }[] }>(
        'GET',
        '/api/admin/webhooks/replays',
      )
      return items.some((one) => one.id === id && one.status === 'done')
    },
    LONGEST_MS,
    100,
  )
  const seconds = (performance.now() - began) / 1000
  return { seconds, batches: await onDatabase(stack, (db) => batchTimes(db, id)) }
}

async function batchTimes(db: pg.Client, id: string): Promise<number[]> {
  const { rows } = await db.query<{ ms: number }>(
    `select extract(epoch from max(at) - min(at)) * 1000 as ms from
       (select at, (row_number() over (order by id) - 1) / 200 as batch from webhook_attempts where replay_id = $1) a
     group by batch`,
    [id],
  )
  return rows.map(({ ms }) => Number(ms))
}

async function countWrong(db: pg.Client): Promise<{ unapplied: number; wrong: number }> {
  const { rows } = await db.query(
    `select (select count(*) from webhook_events where state <> 'applied')::int as unapplied,
       (select count(*) from videos v join uploads u on u.video_id = v.id
        where v.status <> 'ready' or u.status <> 'ready')::int as wrong`,
  )
  return rows[0]
}
