import { z } from 'zod'
import { read } from '#portal/platform/operation.ts'
import { runSql } from '../sql-runner.ts'
import { leavesOf } from './range-rows.ts'
import { TIER_STAFF } from './tier-staff.ts'

export type ArchivedRange = {
  n: number
  from: number
  to: number
  /** Entries whose text is in the segment. */
  kept: number
  bytes: number
  key: string
  /** Of the stored object, in hex. */
  sha256: string
}

type Row = Omit<ArchivedRange, 'from' | 'to'>

/** Ranges in the archive, in their order. */
export const listArchive = read({
  action: 'audit.archived',
  input: z.strictObject({
    /** Ranges behind this one. */
    after: z.coerce.number().int().min(-1).default(-1),
    limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
  }),
  allow: TIER_STAFF,
  async run({ db, input }): Promise<{ items: ArchivedRange[] }> {
    const rows = await runSql<Row>(
      db,
      `select n::float8, kept::int, object_bytes::float8 as bytes, object_key as key, encode(object_sha256, 'hex') as sha256
      from audit_ranges where tier = 'archive' and n > $1 order by n limit $2`,
      [input.after, input.limit],
    )
    return { items: rows.map((row) => ({ ...row, ...leavesOf(row.n) })) }
  },
})
