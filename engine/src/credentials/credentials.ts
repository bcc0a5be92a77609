import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'

/** A right credential is remembered this long, so a deleted one works that much longer at most. */
const FRESH_MS = 5000
const MOST_KNOWN = 1000

export type CredentialRow = { id: string; name: string | null; created_at: Date }

/** The secret (256 random bits) is in this answer only; its SHA-256 is kept. */
export async function createCredential(
  ctx: Pick<EngineContext, 'pool' | 'clock'>,
  name: string | null,
): Promise<{ id: string; secret: string }> {
  const id = randomUUID()
  const secret = randomBytes(32).toString('base64url')
  await ctx.pool.query(
    'insert into engine.api_credentials (id, secret_hash, name, created_at) values ($1, $2, $3, $4)',
    [id, sha256(secret), name, ctx.clock()],
  )
  return { id, secret }
}

export async function listCredentials(db: Queryable): Promise<CredentialRow[]> {
  const { rows } = await db.query<CredentialRow>(
    `select id, name, created_at from engine.api_credentials where deleted_at is null
     order by created_at desc, id`,
  )
  return rows
}

/** False if there is none. */
export async function deleteCredential(
  ctx: Pick<EngineContext, 'pool' | 'clock'>,
  id: string,
): Promise<boolean> {
  const { rowCount } = await ctx.pool.query(
    'update engine.api_credentials set deleted_at = $2 where id = $1 and deleted_at is null',
    [id, ctx.clock()],
  )
  return rowCount === 1
}

/** The id of the stored credential that an `Authorization: Basic` header proves, or null. */
export function createStoredCredentials(ctx: Pick<EngineContext, 'pool'>) {
  const known = new Map<string, { id: string; until: number }>()
  return async (header: string | undefined): Promise<string | null> => {
    const match = /^Basic ([A-Za-z0-9+/=_-]{1,1024})$/i.exec(header ?? '')
    if (!match) return null
    const name = sha256(match[1]!).toString('base64')
    const fresh = known.get(name)
    if (fresh && fresh.until > performance.now()) return fresh.id
    const [, id, secret] = /^([^:]+):(.+)$/s.exec(Buffer.from(match[1]!, 'base64').toString('utf8')) ?? []
    // Ids are uuids: anything else is not asked for, whatever it holds.
    if (!id || !secret || !/^[0-9a-f-]{36}$/.test(id)) return null
    const { rows } = await ctx.pool.query<{ secret_hash: Buffer }>(
      'select secret_hash from engine.api_credentials where id = $1 and deleted_at is null',
      [id],
    )
    if (!rows[0] || !timingSafeEqual(rows[0].secret_hash, sha256(secret))) return null
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(name, { id, until: performance.now() + FRESH_MS })
    return id
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
