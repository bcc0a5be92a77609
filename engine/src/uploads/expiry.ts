import type { UploadRow } from './upload-record.ts'

const CAP_MS = 7 * 24 * 3600_000

/** An upload whose time is over goes on for this long after its last byte, so that a running one is not cut off. */
export const GRACE_AFTER_BYTE_MS = 10 * 60_000

/** The instant at which a waiting upload times out. */
export function expiresAt(row: Pick<UploadRow, 'created_at' | 'timeout_seconds' | 'last_byte_at'>): Date {
  const created = row.created_at.getTime()
  const asked = created + row.timeout_seconds * 1000
  const extended = row.last_byte_at ? row.last_byte_at.getTime() + GRACE_AFTER_BYTE_MS : asked
  return new Date(Math.min(Math.max(asked, extended), created + CAP_MS))
}
