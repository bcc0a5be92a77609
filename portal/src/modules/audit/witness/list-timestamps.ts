import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import type { LogTimestamps } from '../answers.ts'
import { runSql } from '../sql-runner.ts'

const MOST = 50

type Row = { size: string; authority: string; stamped_at: string | Date }

const told = ({ size, authority, stamped_at }: Row) => ({
  size: Number(size),
  authority,
  stampedAt: new Date(stamped_at).toISOString(),
})

/** The newest time-stamps of heads, and how often one is asked for; they tell nothing of any event. */
export const listTimestamps = read({
  action: 'audit.timestamps',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db, settings }): Promise<LogTimestamps> {
    const rows = await runSql<Row>(
      db,
      'select size, authority, stamped_at from audit_timestamps order by size desc limit $1',
      [MOST],
    )
    return { everyMinutes: settings.AUDIT_TSA_URL ? settings.AUDIT_TSA_MINUTES : null, items: rows.map(told) }
  },
})

/** One time-stamp as two files for `openssl ts -verify`: the checkpoint that was stamped, and the authority's answer. */
export const getTimestamp = read({
  action: 'audit.timestamp',
  input: z.strictObject({ size: z.coerce.number().int().min(0) }),
  allow: { role: 'admin' },
  async run({ db, input }) {
    const [row] = await runSql<Row & { note: string; response: Buffer }>(
      db,
      `select t.size, authority, stamped_at, note, response from audit_timestamps t join audit_checkpoints c on c.size = t.size
       where t.size = $1`,
      [input.size],
    )
    if (!row) throw new AppError('not_found', 'No head of this size was stamped.')
    return { ...told(row), checkpoint: row.note, response: row.response.toString('base64') }
  },
})
