import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { createKeys, installationMark } from '../../portal/src/platform/keys.ts'
import { loadSecrets } from '../../portal/src/platform/secrets.ts'
import { type FailingPostgres, startFailingPostgres } from '../support/failing-postgres.ts'
import { type MuxCloud, startMuxCloud } from '../support/mux-cloud.ts'
import type { Random } from '../support/random.ts'
import type { TestDatabase } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'
import { type PortalNode, startPortalNode } from './portal-node.ts'
import { idOf, type LedgerUpload } from './provider-storm.ts'

/** How soon every process reads a moved clock. */
const CLOCK_SEEN_MS = 120
const ROWS_AT_ONCE = 500
/** A provider, a database behind a line that fails, and two portals over it; all on one clock that can be moved. */
export type WebhookWorld = {
  mux: MuxCloud
  pool: pg.Pool
  nodes: PortalNode[]
  lines: FailingPostgres
  /** The mark of this installation at the provider. */
  mark: string
  now(): number
  /** Moves the clock of everybody, the queue's in the database too. */
  advance(ms: number): Promise<void>
  /** What a schedule put in is due by the moved clock, which the queue in the database does not know: it is due now. */
  dueSchedules(): Promise<void>
  /** Uploads of one person, at the provider and here, as if each had been asked for. */
  place(uploads: LedgerUpload[]): Promise<void>
  /** Has a scheduled job run now. */
  runScheduled(job: string): Promise<void>
  stop(): Promise<void>
}

export async function startWebhookWorld(database: TestDatabase, random: Random): Promise<WebhookWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-faults-'))
  const clockFile = join(folder, 'clock')
  let offset = 1
  await writeFile(clockFile, `${offset}`)
  const now = () => Date.now() + offset
  const mux = await startMuxCloud(() => new Date(now()))
  const lines = await startFailingPostgres(database.poolConfig, random)
  const cronSecret = randomBytes(24).toString('hex')
  const env = {
    FAULTS_CLOCK_FILE: clockFile,
    DATABASE_URL: lines.urlOf(database.poolConfig),
    SECRETS_FILE: join(folder, 'secrets.json'),
    PUBLIC_URL: 'http://localhost:3000',
    PORTAL_ADMIN_EMAIL: 'admin@portal.example',
    PORTAL_ADMIN_PASSWORD: 'correct horse battery staple',
    MUX_TOKEN_ID: mux.credentials.tokenId,
    MUX_TOKEN_SECRET: mux.credentials.tokenSecret,
    MUX_WEBHOOK_SECRET: mux.credentials.webhookSecret,
    MUX_BASE_URL: mux.origin,
    CRON_SECRET: cronSecret,
    RATE_LIMIT_ENFORCED: 'false',
    REVOKE_PROBE_MINUTES: '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
  }
  const nodes: PortalNode[] = []
  for (const name of ['a', 'b']) nodes.push(await startPortalNode(env, join(folder, name)))
  const secrets = await loadSecrets({
    file: env.SECRETS_FILE,
    masterKeyFile: join(folder, 'master.key'),
  })
  const mark = installationMark(createKeys(secrets))
  const { pool } = database
  const { rows } = await pool.query('select user_id, organisation_id from members limit 1')
  const owner = rows[0] as { user_id: string; organisation_id: string }
  const world: WebhookWorld = {
    ...{ mux, pool, nodes, lines, mark, now },
    async advance(ms) {
      offset += ms
      await writeFile(clockFile, `${offset}`)
      // The queue goes by the database's clock, which stands still here: its jobs come nearer instead.
      await pool.query(
        `with ahead as (
           select id from graphile_worker._private_jobs where locked_at is null and run_at > now()
           for update skip locked
         )
         update graphile_worker._private_jobs j set run_at = run_at - make_interval(secs => $1)
         from ahead where j.id = ahead.id`,
        [ms / 1000],
      )
      await delay(CLOCK_SEEN_MS)
      await world.dueSchedules()
    },
    async dueSchedules() {
      // Passes by what is locked just now: it is taken, or being replaced by the next one.
      await pool.query(`with ahead as (
          select id from graphile_worker._private_jobs
          where locked_at is null and run_at > now() and payload::jsonb ? '_cron' for update skip locked
        )
        update graphile_worker._private_jobs j set run_at = now() from ahead where j.id = ahead.id`)
    },
    async place(uploads) {
      for (let from = 0; from < uploads.length; from += ROWS_AT_ONCE)
        await insert(pool, owner, uploads.slice(from, from + ROWS_AT_ONCE), new Date(now()))
    },
    async runScheduled(job) {
      const ask = async () => {
        const answer = await fetch(`${nodes.find((node) => node.isUp())?.url}/api/cron/${job}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${cronSecret}` },
        }).catch(() => null)
        await answer?.arrayBuffer()
        return answer?.status === 202
      }
      await until(`${job} is put into the queue`, ask, 60_000, 250)
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      await mux.stop()
      await lines.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

async function insert(
  pool: pg.Pool,
  owner: { user_id: string; organisation_id: string },
  uploads: LedgerUpload[],
  at: Date,
): Promise<void> {
  const ids = uploads.map(({ id }) => id)
  const videos = uploads.map(({ videoId }) => videoId)
  const places = uploads.map(({ providerId }) => providerId)
  const { organisation_id: organisation, user_id: person } = owner
  await pool.query(
    `insert into videos (id, organisation_id, owner_id, title, provider, created_at, checked_at)
     select id, $2, $3, 'Heat', 'mux', $4, $4 from unnest($1::text[]) as id`,
    [videos, organisation, person, at],
  )
  await pool.query(
    `insert into uploads (id, video_id, organisation_id, owner_id, filename, content_type, size_bytes,
       provider_upload_id, created_at, updated_at, checked_at)
     select id, video, $4, $5, 'heat.mp4', 'video/mp4', 1000000, place, $6, $6, $6
     from unnest($1::text[], $2::text[], $3::text[]) as made(id, video, place)`,
    [ids, videos, places, organisation, person, at],
  )
}

/** A new upload of the run, as the provider knows it from the start. */
export function newLedgerUpload(
  world: WebhookWorld,
  seed: number,
  n: number,
  fate: LedgerUpload['fate'],
): LedgerUpload {
  const id = idOf('upl', seed, n)
  const { id: providerId } = world.mux.place(id, world.mark)
  return { id, videoId: idOf('vid', seed, n), providerId, fate, assetId: null }
}
