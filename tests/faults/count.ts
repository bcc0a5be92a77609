import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type pg from 'pg'
import type { Stack } from '../support/stack.ts'
import { onDatabase, sha256 } from '../support/stack-tools.ts'
import type { Journal } from './journal.ts'

export type Counts = {
  lost: number
  doubled: number
  stuck: number
  orphans: number
  /** How much was looked at. */
  checked: Record<string, number>
  /** Each fault in words. */
  findings: string[]
}

type LogEntry = { action: string; target: { id: string }; details?: { token_id?: string; video?: string[] } }

/** Compares what was acknowledged with what is there now. */
export async function countFaults(
  stack: Stack,
  journal: Journal,
  file: Buffer,
  stuck: string[],
): Promise<Counts> {
  return await onDatabase(stack, async (client) => {
    const log = await readLog(client)
    const lost = [
      ...journal.lost,
      ...lostEvents(journal, log),
      ...(await lostShares(client, journal)),
      ...(await lostUploads(client, journal, sha256(file))),
      ...(await lostWebhooks(client)),
    ]
    const doubled = [...doubledEvents(log), ...(await doubledRows(client))]
    const files = await filesBelow(join(stack.dataDir, 'media'))
    const orphans = await orphanFiles(client, files)
    return {
      lost: lost.length,
      doubled: doubled.length,
      stuck: stuck.length,
      orphans: orphans.length,
      checked: {
        webhooks: await countWebhooks(client),
        uploads: journal.uploads.length,
        shares: journal.shares.length,
        events: journal.events.length,
        files: files.length,
      },
      findings: [
        ...lost.map((line) => `lost: ${line}`),
        ...doubled.map((line) => `doubled: ${line}`),
        ...stuck.map((line) => `stuck: ${line}`),
        ...orphans.map((line) => `orphan: ${line}`),
      ],
    }
  })
}

/** Entries that are in the tree: `audit verify` proves those and names the rest. */
async function readLog(client: pg.Client): Promise<LogEntry[]> {
  const { rows } = await client.query<{ entry: string }>(
    'select entry from audit_events join audit_leaves using (seq) order by index',
  )
  return rows.map(({ entry }) => JSON.parse(entry) as LogEntry)
}

function lostEvents(journal: Journal, log: LogEntry[]): string[] {
  const tokens = new Set(log.map(({ details }) => details?.token_id))
  const changes = new Set(log.map(({ action, target }) => `${action} ${target.id}`))
  return journal.events
    .filter(({ action, target, tokenId }) =>
      tokenId ? !tokens.has(tokenId) : !changes.has(`${action} ${target}`),
    )
    .map(({ action, target, tokenId }) => `event ${action} ${target ?? tokenId}`)
}

async function lostShares(client: pg.Client, journal: Journal): Promise<string[]> {
  const { rows } = await client.query<{ id: string; revoked: boolean }>(
    'select id, revoked_at is not null as revoked from shares',
  )
  const found = new Map(rows.map(({ id, revoked }) => [id, revoked]))
  return journal.shares
    .filter(({ id, revoked }) => found.get(id) !== revoked)
    .map(({ id }) => `share ${id} or its revoke`)
}

async function lostUploads(client: pg.Client, journal: Journal, wanted: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string; sha256: Buffer | null; video: string }>(
    `select u.id, e.sha256, v.status as video from uploads u join engine.uploads e on e.id = u.provider_upload_id
     join videos v on v.id = u.video_id`,
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return journal.uploads.flatMap(({ id }) => {
    const row = found.get(id)
    if (row?.video !== 'ready') return [`upload ${id} is no ready video`]
    return row.sha256?.toString('hex') === wanted ? [] : [`upload ${id} is not the file that was sent`]
  })
}

async function countWebhooks(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>('select count(*) from engine.webhook_events')
  return Number(rows[0]?.count)
}

async function lostWebhooks(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string; type: string }>(
    `select e.id, e.type from engine.webhook_events e left join webhook_events w on w.id = e.id::text
     where w.id is null`,
  )
  return rows.map(({ id, type }) => `webhook ${type} ${id}`)
}

function doubledEvents(log: LogEntry[]): string[] {
  const names = log.flatMap(({ action, target, details }) => {
    if (details?.token_id) return [`token ${details.token_id}`]
    if (action === 'share.revoke' || action === 'share.create') return [`${action} ${target.id}`]
    return action === 'upload.settle' && details?.video?.[1] === 'ready' ? [`ready ${target.id}`] : []
  })
  return repeated(names)
}

function repeated(names: string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.has(name) || !seen.add(name))
}

async function doubledRows(client: pg.Client): Promise<string[]> {
  const views = await client.query<{ id: string }>(
    `select s.id from shares s where s.views_used <>
      (select count(*) from viewer_sessions v where v.share_id = s.id and v.view_started_at is not null)`,
  )
  const events = await client.query<{ type: string; object_id: string }>(
    `select type, object_id from engine.webhook_events
     where type in ('video.asset.created', 'video.asset.ready', 'video.upload.asset_created')
     group by type, object_id having count(*) > 1`,
  )
  return [
    ...views.rows.map(({ id }) => `views of share ${id}`),
    ...events.rows.map(({ type, object_id }) => `${type} of ${object_id}`),
  ]
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

/** Files that belong to no upload, no rendition and no image of an asset that exists. */
async function orphanFiles(client: pg.Client, files: string[]): Promise<string[]> {
  const uploads = await client.query<{ id: string }>(
    'select id from engine.uploads where bytes_removed_at is null',
  )
  const folders = await client.query<{ folder: string }>(
    `select 'objects/' || folder as folder from engine.renditions
     union select 'objects/assets/' || id || '/images' from engine.assets where images is not null`,
  )
  const known = [
    ...uploads.rows.map(({ id }) => `spool/${id}`),
    ...folders.rows.map(({ folder }) => `${folder.replace(/\/+$/, '')}/`),
  ]
  return files.filter((file) => !known.some((place) => file === place || file.startsWith(place)))
}
