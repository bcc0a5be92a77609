import { mkdir, statfs } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { sendJson } from '#engine/platform/http.ts'
import { type StoragePort, storageTrouble } from '#engine/storage/port.ts'
import type { Spool } from '#engine/uploads/spool.ts'

/** Outside Mux's paths; every role answers it. */
const PATH = '/engine/health'
const KEPT_MS = 1000
const DEADLINE_MS = 4000
/** Less free room than this for work in progress is told. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024

type Check = { ok: boolean; error?: string }

export type Health = {
  status: 'ok' | 'degraded'
  /** `storage`: finished objects; `uploads`: where uploads are received; `work`: room for work in progress. */
  checks: Record<'database' | 'storage' | 'uploads' | 'work', Check>
  /** Assets whose processing waits for storage, since when, and for what; null without a database. */
  waiting: { assets: number; since: string | null; reason: string | null } | null
}

type Parts = { ctx: EngineContext; storage: StoragePort; spool: Spool }

/**
 * GET /engine/health: 200 with `status: ok`, else 503 with what fails. Says nothing of places, names or videos.
 * Looks at most once a second, however often it is asked.
 */
export function createHealth(parts: Parts): (req: IncomingMessage, res: ServerResponse) => boolean {
  let last: { at: number; health: Promise<Health> } | null = null
  return (req, res) => {
    if ((req.url ?? '').split('?', 1)[0] !== PATH) return false
    const now = Date.now()
    if (!last || now - last.at > KEPT_MS) last = { at: now, health: look(parts) }
    void last.health.then((health) => {
      res.setHeader('cache-control', 'no-store')
      if (health.status !== 'ok') res.setHeader('retry-after', '5')
      sendJson(res, health.status === 'ok' ? 200 : 503, health)
    })
    return true
  }
}

async function look({ ctx, storage, spool }: Parts): Promise<Health> {
  const [waiting, kept, received, work] = await Promise.all([
    inTime(() => countWaiting(ctx)).catch(() => null),
    check(() => storage.check()),
    check(() => spool.check()),
    check(() => assertRoom(ctx)),
  ])
  const database: Check = waiting ? { ok: true } : { ok: false, error: 'unreachable' }
  const checks = { database, storage: kept, uploads: received, work }
  const ok = Object.values(checks).every((each) => each.ok)
  return { status: ok ? 'ok' : 'degraded', checks, waiting }
}

async function check(work: () => Promise<void>): Promise<Check> {
  try {
    await inTime(work)
    return { ok: true }
  } catch (error) {
    return { ok: false, error: storageTrouble(error) ?? 'failed' }
  }
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'EIO' })), DEADLINE_MS)
  })
  return Promise.race([work(), late]).finally(() => clearTimeout(timer))
}

async function countWaiting(ctx: EngineContext): Promise<NonNullable<Health['waiting']>> {
  const { rows } = await ctx.pool.query<{ assets: number; since: Date | null; reason: string | null }>(
    `select count(*)::integer as assets, min(waiting_since) as since, max(waiting_for) as reason from engine.assets
     where waiting_since is not null and completed_at is null and deleted_at is null`,
  )
  const { assets = 0, since = null, reason = null } = rows[0] ?? {}
  return { assets, since: since?.toISOString() ?? null, reason }
}

async function assertRoom({ settings }: EngineContext): Promise<void> {
  const folder = join(settings.folder, 'work')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < LEAST_FREE_BYTES) throw Object.assign(new Error('nearly full'), { code: 'ENOSPC' })
}
