import type { Readable } from 'node:stream'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { runSql } from '../sql-runner.ts'

/** A snapshot is a part of the log: whoever takes it away reads it. */
const READERS = { role: 'admin' as const, logGrant: true as const }

const input = z.strictObject({ id: z.string().regex(/^snp_[A-Za-z0-9]{22}$/) })

const recordTaking = verb({
  action: 'audit.take-snapshot',
  input,
  allow: READERS,
  async run({ tx, input: { id } }) {
    const [row] = await runSql<{ object_key: string; object_bytes: number; incident: string }>(
      tx,
      `select object_key, object_bytes, incident from audit_snapshots where id = $1 and status = 'ready'`,
      [id],
    )
    if (!row) throw new AppError('not_found', 'There is no such snapshot, or it is not ready yet.')
    const result = { key: row.object_key, bytes: Number(row.object_bytes), incident: row.incident }
    return { result, change: { target: { type: 'audit_snapshot', id }, details: { incident: row.incident } } }
  },
})

/** A snapshot's archive, to take away; who took it stands in the log before the first byte goes. */
export const takeSnapshot = flow({
  action: 'audit.take-snapshot',
  input,
  allow: READERS,
  async run({ app, input, ctx }): Promise<{ fileName: string; bytes: number; stream(): Promise<Readable> }> {
    const { key, bytes, incident } = await app.call(recordTaking, input, ctx)
    const file = await app.ports.storage.open(key)
    if (!file) throw new AppError('not_found', 'The archive of this snapshot is gone from the storage.')
    return { fileName: `${incident}-${input.id}.zip`, bytes, stream: () => file.stream() }
  },
})
