import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { job } from '#portal/platform/job.ts'
import { postOutside } from '#portal/platform/outside-post.ts'
import { runSql } from '../sql-runner.ts'
import { readCheckpoint, type StoredCheckpoint } from '../tree-store.ts'
import { openTimestamp, timestampRequest } from './timestamp-token.ts'

const DEADLINE_MS = 20_000
const MAX_ANSWER_BYTES = 64 * 1024
/** How far an authority's time may be from ours: more is a wrong clock, here or there. */
const CLOCK_SLACK_MS = 300_000
const ALERT = 'audit.timestamp_failed'

type Stamping = Pick<App, 'pool' | 'settings' | 'clock' | 'telemetry' | 'log'> & {
  ports: Pick<App['ports'], 'alerts'>
}

/** Every minute: a time-stamp (RFC 3161) of the newest head, where an authority is named and one is due. */
export const stampHeads = job({
  name: 'audit.timestamp',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '* * * * *',
  async run({ app }) {
    await stampWhenDue(app)
  },
})

/** The size that was stamped; null where none is due, or none could be had: then somebody is told. */
export async function stampWhenDue(app: Stamping): Promise<number | null> {
  const { AUDIT_TSA_URL: url, AUDIT_TSA_CA_FILE: file } = app.settings
  const head = url && file ? await dueHead(app) : null
  if (!url || !file || !head) return null
  try {
    await stamp(app, head, url, await readFile(file, 'utf8'))
  } catch (error) {
    app.telemetry.add('portal.audit.timestamps', { outcome: 'failed' })
    await app.ports.alerts.raise({
      key: ALERT,
      severity: 'warning',
      audience: ['security'],
      summary: `No time-stamp of the audit log could be had: ${(error as Error).message}.`,
      details: { size: head.size },
    })
    return null
  }
  app.telemetry.add('portal.audit.timestamps', { outcome: 'stamped' })
  await app.ports.alerts.resolve(ALERT)
  return head.size
}

async function dueHead({ pool, clock, settings }: Stamping): Promise<StoredCheckpoint | null> {
  const head = await readCheckpoint(pool)
  if (!head) return null
  const since = new Date(clock().getTime() - settings.AUDIT_TSA_MINUTES * 60_000)
  const { rowCount } = await pool.query('select from audit_timestamps where size = $1 or received_at > $2', [
    head.size,
    since,
  ])
  return rowCount ? null : head
}

async function stamp(app: Stamping, head: StoredCheckpoint, url: string, authorities: string): Promise<void> {
  const data = Buffer.from(head.note)
  const { imprint, nonce, der } = timestampRequest(data, randomBytes)
  const answer = await postOutside(url, der, {
    contentType: 'application/timestamp-query',
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_ANSWER_BYTES,
  })
  if (answer.status !== 200) throw new Error(`the authority answered ${answer.status}`)
  const at = await openTimestamp(answer.body, { data, nonce, authorities })
  const now = app.clock()
  if (Math.abs(at.getTime() - now.getTime()) > CLOCK_SLACK_MS)
    throw new Error(`the authority says it is ${at.toISOString()}`)
  await app.pool.query(
    `insert into audit_timestamps (size, authority, imprint, response, stamped_at, received_at)
      values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [head.size, new URL(url).host, imprint, answer.body, at, now],
  )
}

export type StoredTimestamp = {
  size: number
  authority: string
  stampedAt: Date
  /** The checkpoint as it was stamped, and the authority's answer (DER). */
  note: string
  response: Buffer
}

/** Every time-stamp with its checkpoint, oldest first. */
export async function readTimestamps(runner: Parameters<typeof runSql>[0]): Promise<StoredTimestamp[]> {
  const rows = await runSql<{
    size: string
    authority: string
    stamped_at: string
    note: string
    response: Buffer
  }>(
    runner,
    `select t.size, authority, stamped_at, note, response from audit_timestamps t join audit_checkpoints c on c.size = t.size
      order by t.size`,
    [],
  )
  return rows.map(({ size, stamped_at, ...row }) => ({
    ...row,
    size: Number(size),
    stampedAt: new Date(stamped_at),
  }))
}
