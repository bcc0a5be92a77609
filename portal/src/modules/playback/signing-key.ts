import { createPrivateKey, type KeyObject } from 'node:crypto'
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { seal, unseal } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { signingKeys } from './tables.ts'

export type SigningKey = { id: string; privateKey: KeyObject }

// Importing a key costs four signatures; a rotation on another machine is noticed within this time.
const CACHE_MS = 5000

const cache = new WeakMap<App, { key: SigningKey; until: number }>()

/** The key that signs now. @throws AppError unavailable where none has been made yet */
export async function currentSigningKey(app: App): Promise<SigningKey> {
  const cached = cache.get(app)
  if (cached && cached.until > app.clock().getTime()) return cached.key
  const [row] = await app.db
    .select()
    .from(signingKeys)
    .where(
      and(
        eq(signingKeys.provider, app.settings.videoProvider),
        isNull(signingKeys.retiredAt),
        isNull(signingKeys.deletedAt),
      ),
    )
    .orderBy(desc(signingKeys.createdAt))
    .limit(1)
  if (!row)
    throw new AppError('unavailable', 'Playback is being set up. Try again in a moment.', {
      retryAfterSeconds: 5,
    })
  const key = cached?.key.id === row.id ? cached.key : openKey(app, row)
  cache.set(app, { key, until: app.clock().getTime() + CACHE_MS })
  return key
}

function openKey(app: App, row: typeof signingKeys.$inferSelect): SigningKey {
  const pem = unseal(app.keys.seal, row.privateKeySealed, keyPlace(row.id))
  return { id: row.id, privateKey: createPrivateKey(pem) }
}

const keyPlace = (id: string) => `signing-key:${id}`

const recordSigningKey = verb({
  action: 'signing-key.create',
  input: z.strictObject({
    id: z.string(),
    provider: z.enum(['engine', 'mux']),
    sealed: z.instanceof(Buffer),
  }),
  allow: { system: true },
  async run({ tx, input, ctx }) {
    await tx
      .insert(signingKeys)
      .values({ id: input.id, provider: input.provider, privateKeySealed: input.sealed, createdAt: ctx.now })
    return {
      result: null,
      change: { target: { type: 'signing_key', id: input.id }, details: { provider: input.provider } },
    }
  },
})

/** Asks the video service for a signing key where this portal has none; kept sealed, never logged. */
export async function ensureSigningKey(app: App): Promise<void> {
  await app.db.transaction(async (tx) => {
    // Web processes that start together must end up with one key.
    await tx.execute(sql`select pg_advisory_xact_lock(7301002)`)
    const has = await currentSigningKey(app).then(
      () => true,
      () => false,
    )
    if (has) return
    const made = await app.ports.video.createSigningKey()
    const sealed = seal(app.keys.seal, made.privateKey, keyPlace(made.id))
    const ctx = app.newContext({ kind: 'system', id: 'playback' })
    await app.call(recordSigningKey, { id: made.id, provider: app.settings.videoProvider, sealed }, ctx)
  })
}
