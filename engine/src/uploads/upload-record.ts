import { type AssetSettings, settingsJson } from '#engine/assets/asset-settings.ts'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineSettings } from '#engine/platform/engine-context.ts'
import { secretMatches, uploadSecret } from './upload-url.ts'

export type UploadStatus = 'waiting' | 'asset_created' | 'errored' | 'cancelled' | 'timed_out'

/** A row of engine.uploads. Byte counts are exact integers below 2^53. */
export type UploadRow = {
  id: string
  secret_hash: Buffer
  status: UploadStatus
  timeout_seconds: number
  cors_origin: string
  new_asset_settings: AssetSettings
  asset_id: string | null
  received_bytes: number
  total_bytes: number | null
  content_type: string | null
  sha256: Buffer | null
  gap_answers: number
  error: { type: string; message: string } | null
  test: boolean
  created_at: Date
  last_byte_at: Date | null
  ended_at: Date | null
}

export async function findUpload(db: Queryable, id: string): Promise<UploadRow | null> {
  const { rows } = await db.query('select * from engine.uploads where id = $1', [id])
  return rows[0] ?? null
}

/**
 * An upload in Mux's shape. `url` is there while it waits. `engine` is this engine's own addition: how much has
 * arrived, and the SHA-256 of the whole once it is known.
 */
export function uploadJson(row: UploadRow, settings: EngineSettings) {
  return {
    id: row.id,
    timeout: row.timeout_seconds,
    status: row.status,
    new_asset_settings: settingsJson(row.new_asset_settings),
    ...(row.asset_id ? { asset_id: row.asset_id } : {}),
    ...(row.error ? { error: row.error } : {}),
    cors_origin: row.cors_origin,
    ...uploadUrl(row, settings),
    test: row.test,
    engine: {
      received_bytes: row.received_bytes,
      total_bytes: row.total_bytes,
      sha256: row.sha256?.toString('hex') ?? null,
    },
  }
}

function uploadUrl(row: UploadRow, settings: EngineSettings): { url?: string } {
  if (row.status !== 'waiting') return {}
  const secret = uploadSecret(settings.sessionSecret, row.id)
  // After the engine's secret was changed the old URL still works, but can no longer be told.
  return secretMatches(secret, row.secret_hash)
    ? { url: `${settings.publicUrl}/upload/${row.id}.${secret}` }
    : {}
}
