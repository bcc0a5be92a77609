import type { WitnessState } from '#portal/platform/audit-sink.ts'
import type { AuditLog } from '../compose-audit.ts'

type Row = { vkey: string; since: Date; outcome: string | null; size: string; cosigned_at: Date | null }

/** Each configured witness, with what is known of it. */
export async function readWitnesses({
  pool,
  witnesses,
}: AuditLog): Promise<(WitnessState & { since: Date | null })[]> {
  if (witnesses.length === 0) return []
  const { rows } = await pool.query<Row>(
    'select vkey, since, outcome, size, cosigned_at from audit_witnesses where vkey = any($1)',
    [witnesses.map(({ vkey }) => vkey)],
  )
  return witnesses.map(({ name, vkey }) => {
    const row = rows.find((one) => one.vkey === vkey)
    const cosignedAt = row?.cosigned_at ? new Date(row.cosigned_at) : null
    const since = row ? new Date(row.since) : null
    return { name, vkey, since, outcome: row?.outcome ?? null, size: Number(row?.size ?? 0), cosignedAt }
  })
}
