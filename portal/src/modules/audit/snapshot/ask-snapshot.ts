import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import type { Snapshot } from '../answers.ts'
import { runSql } from '../sql-runner.ts'
import { writeSnapshotOrder } from './snapshot-order.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

export const SNAPSHOT_STAFF = { role: 'admin' as const, groups: ['security' as const, 'compliance' as const] }

export const askSnapshotInput = z.strictObject({
  /** As the incident is called elsewhere. */
  incident: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  reason: z.string().trim().min(3).max(500),
  from: instant,
  to: instant,
})

/** Seals a part of the log, and what its events name, for an incident; written by a job, see `audit.snapshots`. */
export const askSnapshot = verb({
  action: 'audit.snapshot',
  input: askSnapshotInput,
  allow: SNAPSHOT_STAFF,
  async run({ tx, input, ctx, enqueue }) {
    const { incident, reason, from, to } = input
    if (from >= to) throw new AppError('invalid', '`from` has to be earlier than `to`.')
    const id = ctx.newId('snp')
    await runSql(
      tx,
      `insert into audit_snapshots (id, incident, reason, from_time, to_time, status, created_by, created_at)
      values ($1, $2, $3, $4, $5, 'waiting', $6, $7)`,
      [id, incident, reason, from, to, ctx.actor.id, ctx.now],
    )
    // A command writes its snapshot itself.
    if (ctx.actor.kind !== 'command') await enqueue(writeSnapshotOrder, { id })
    const details = { incident, from: from.toISOString(), to: to.toISOString() }
    return { result: { id }, change: { target: { type: 'audit_snapshot', id }, details } }
  },
})

/** Snapshots, newest first, with how far each is. */
export const listSnapshots = read({
  action: 'audit.snapshots',
  input: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(50) }),
  allow: SNAPSHOT_STAFF,
  run: async ({ db, input }): Promise<{ items: Snapshot[] }> => ({
    items: await runSql<Snapshot>(
      db,
      `select id, incident, reason, ${utc('from_time')} as "from", ${utc('to_time')} as "to", status,
        entries_done::float8 as "entriesDone", entries_total::float8 as "entriesTotal",
        first_index::float8 as "firstIndex", last_index::float8 as "lastIndex", object_bytes::float8 as bytes,
        encode(object_sha256, 'hex') as sha256, failure, ${utc('created_at')} as "createdAt"
      from audit_snapshots order by created_at desc, id desc limit $1`,
      [input.limit],
    ),
  }),
})

const utc = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
