import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { SNAPSHOT_MOST_ENTRIES } from '../rules.ts'
import { runSql } from '../sql-runner.ts'
import { createNamedIds, readRelatedRows } from './related-rows.ts'
import { writeSnapshotOrder } from './snapshot-order.ts'
import { createZipFile } from './zip-file.ts'

const TELL_EVERY = 500

type Asked = {
  id: string
  incident: string
  reason: string
  from_time: string | Date
  to_time: string | Date
}
type Written = {
  first: number | null
  last: number | null
  entries: number
  bytes: number
  sha256: string
  key: string
}

const recordSnapshot = verb({
  action: 'audit.seal-snapshot',
  input: z.strictObject({ id: z.string(), incident: z.string(), written: z.custom<Written>() }),
  allow: { role: 'admin', groups: ['security', 'compliance'], system: true },
  async run({ tx, input: { id, incident, written }, ctx }) {
    const { first, last, entries, bytes, sha256, key } = written
    const done = await runSql(
      tx,
      `update audit_snapshots set status = 'ready', first_index = $2, last_index = $3, entries_done = $4,
        object_key = $5, object_sha256 = decode($6, 'hex'), object_bytes = $7, finished_at = $8, failure = null
      where id = $1 and status <> 'ready' returning id`,
      [id, first, last, entries, key, sha256, bytes, ctx.now],
    )
    if (done.length !== 1) throw new Error(`snapshot ${id} was written by somebody else`)
    const details = { incident, entries, first_index: first, last_index: last, bytes, sha256 }
    return { result: null, change: { target: { type: 'audit_snapshot', id }, details } }
  },
})

/**
 * Writes a snapshot that was asked for: each event of its time with its proof, the state of what they name, the signed
 * head with its cosignatures, and a signed manifest of it all, as one zip file in the portal's storage.
 */
export async function writeSnapshot(app: App, ctx: Context, id: string): Promise<Written> {
  const { rows } = await app.pool.query<Asked>(
    `update audit_snapshots set status = 'working', entries_done = 0 where id = $1 and status <> 'ready' returning *`,
    [id],
  )
  const asked = rows[0]
  if (!asked) throw new AppError('not_found', 'There is no such snapshot, or it is ready.')
  const folder = await mkdtemp(join(tmpdir(), 'mm-snapshot-'))
  try {
    const path = join(folder, 'snapshot.zip')
    const range = await fill(app, ctx, asked, path)
    const sha256 = await digestOf(path)
    const key = `audit/snapshots/${id}.zip`
    await app.ports.storage.putFile(key, path)
    const written = { ...range, key, sha256, bytes: (await stat(path)).size }
    await app.call(recordSnapshot, { id, incident: asked.incident, written }, ctx)
    return written
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(app: App, ctx: Context, asked: Asked, path: string) {
  // The head comes first: it covers everything that was committed before this snapshot.
  const head = await app.auditReader.head()
  const span = await leavesWithin(app, asked, head.size)
  const zip = createZipFile(path)
  const named = createNamedIds()
  const removed: number[] = []
  for (const [at, { index, eventId }] of span.leaves.entries()) {
    const receipt = eventId === null ? null : await app.auditReader.receipt(eventId)
    if (receipt) {
      await zip.add(`events/${String(index).padStart(12, '0')}-${eventId}.tlog-proof`, receipt.text)
      named.note(entryOf(receipt.text))
    } else removed.push(index)
    if (at % TELL_EVERY === 0) await tellProgress(app, asked.id, at, span.leaves.length)
  }
  for (const [table, rows] of Object.entries(await readRelatedRows(app.db, named)))
    await zip.add(`rows/${table}.json`, `${JSON.stringify(rows, null, 1)}\n`)
  await zip.add('checkpoint', head.note)
  const manifest = `${JSON.stringify(manifestOf(ctx, asked, head, span, removed, [...zip.files]), null, 1)}\n`
  await zip.add('manifest.json', manifest)
  const sha256 = createHash('sha256').update(manifest).digest('base64')
  await zip.add('manifest.note', app.auditReader.sign('snapshot', [asked.id, `sha256 ${sha256}`]))
  await zip.end()
  return { first: span.first, last: span.last, entries: span.leaves.length - removed.length }
}

type Span = { first: number | null; last: number | null; leaves: { index: number; eventId: string | null }[] }

/** Every leaf between the first and the last event of that time, so that a gap shows. */
async function leavesWithin(app: App, { from_time, to_time }: Asked, size: number): Promise<Span> {
  const { rows: ends } = await app.pool.query<{ first: number | null; last: number | null }>(
    'select min(index) as first, max(index) as last from audit_leaves where time >= $1 and time < $2 and index < $3',
    [from_time, to_time, size],
  )
  const { first = null, last = null } = ends[0] ?? {}
  if (first === null || last === null) return { first: null, last: null, leaves: [] }
  if (last - first >= SNAPSHOT_MOST_ENTRIES)
    throw new AppError(
      'invalid',
      `A snapshot holds at most ${SNAPSHOT_MOST_ENTRIES.toLocaleString('en-AU')} entries: choose a shorter time.`,
    )
  const { rows } = await app.pool.query<{ index: number; event_id: string | null }>(
    'select index, event_id from audit_leaves where index between $1 and $2',
    [first, last],
  )
  const ids = new Map(rows.map(({ index, event_id }) => [Number(index), event_id]))
  const leaves = Array.from({ length: last - first + 1 }, (_, at) => ({
    index: first + at,
    eventId: ids.get(first + at) ?? null,
  }))
  return { first, last, leaves }
}

function manifestOf(
  ctx: Context,
  asked: Asked,
  head: { origin: string; vkey: string; size: number },
  span: Span,
  removed: number[],
  files: object[],
) {
  const { id, incident, reason, from_time, to_time } = asked
  return {
    format: 'motion-mavericks-audit-snapshot',
    version: 1,
    ...{ id, incident, reason },
    from: new Date(from_time).toISOString(),
    to: new Date(to_time).toISOString(),
    takenAt: ctx.now.toISOString(),
    ...{ origin: head.origin, vkey: head.vkey, size: head.size },
    firstIndex: span.first,
    lastIndex: span.last,
    /** Leaves whose text a seal removed before: their hashes are in the log's tiles. */
    removed,
    files,
  }
}

/** The entry stands in its receipt as extra data. */
function entryOf(receipt: string): string {
  return Buffer.from(/\nextra (\S+)\n/.exec(receipt)?.[1] ?? '', 'base64').toString('utf8')
}

async function tellProgress(app: App, id: string, done: number, total: number): Promise<void> {
  await app.pool.query('update audit_snapshots set entries_done = $2, entries_total = $3 where id = $1', [
    id,
    done,
    total,
  ])
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256')
  await pipeline(createReadStream(path), digest)
  return digest.digest('hex')
}

const alertOf = (id: string) => `audit.snapshot:${id}`

async function tellFailure(app: App, id: string): Promise<void> {
  await app.ports.alerts.raise({
    key: alertOf(id),
    severity: 'critical',
    summary: 'A forensic snapshot could not be written. Ask for it again once the cause is gone.',
    audience: ['security', 'compliance'],
    details: { snapshot: id },
  })
}

/** A try that was killed begins anew: the file is written elsewhere and stored whole. */
export const writeSnapshotJob = job({
  ...writeSnapshotOrder,
  async run({ app, ctx, input, attempt, maxAttempts }) {
    try {
      await writeSnapshot(app, ctx, input.id)
    } catch (error) {
      const failure = (error as Error).message.slice(0, 500)
      const isLast = attempt >= maxAttempts
      await app.pool.query('update audit_snapshots set status = $2, failure = $3 where id = $1', [
        input.id,
        isLast ? 'failed' : 'waiting',
        failure,
      ])
      if (isLast) await tellFailure(app, input.id)
      throw error
    }
    await app.ports.alerts.resolve(alertOf(input.id))
  },
})
