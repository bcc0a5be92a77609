import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { expireSessionsOfKey, tellPlaybackEnded } from '#engine/assets/playback-sessions.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'

export type SigningKeyRow = { id: string; public_key: string; created_at: Date }

const generate = promisify(generateKeyPair)

/** RSA 2048. The private half (PKCS#1 PEM, base64 of it) is returned once and kept nowhere. */
export async function createSigningKey(
  ctx: EngineContext,
): Promise<{ key: SigningKeyRow; privateKey: string }> {
  const pair = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const key = { id: newId(), public_key: pair.publicKey, created_at: ctx.clock() }
  await ctx.pool.query('insert into engine.signing_keys (id, public_key, created_at) values ($1, $2, $3)', [
    key.id,
    key.public_key,
    key.created_at,
  ])
  return { key, privateKey: Buffer.from(pair.privateKey).toString('base64') }
}

export async function findSigningKey(db: Queryable, id: string): Promise<SigningKeyRow | null> {
  const { rows } = await db.query<SigningKeyRow>(
    'select id, public_key, created_at from engine.signing_keys where id = $1 and deleted_at is null',
    [id],
  )
  return rows[0] ?? null
}

/** From now on no token of this key opens anything, and what it opened ends. False if there is no such key. */
export async function deleteSigningKey(ctx: EngineContext, id: string): Promise<boolean> {
  const deleted = await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      'update engine.signing_keys set deleted_at = $2 where id = $1 and deleted_at is null',
      [id, ctx.clock()],
    )
    if (rowCount !== 1) return false
    await expireSessionsOfKey(tx, ctx, id)
    await tellPlaybackEnded(tx, '*')
    return true
  })
  if (deleted) ctx.onPlaybackEnded('*')
  return deleted
}

/** A key as REST shows it. */
export function signingKeyJson(key: SigningKeyRow) {
  return { id: key.id, created_at: String(Math.floor(key.created_at.getTime() / 1000)) }
}
