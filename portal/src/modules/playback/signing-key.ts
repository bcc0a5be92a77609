import { createPrivateKey, type KeyObject } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import { seal, unseal } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { signingKeys } from './tables.ts'

export type SigningKey = { id: string; privateKey: KeyObject }

/** Notice that another key signs from now on; its body's `renew` is 1 where open pages must ask for a new token. */
export const KEY_CHANGED = 'signing-key.changed'

// Importing a key costs four signatures. A notice tells of a rotation at once; should it get lost, this does.
const CACHE_MS = 5000

type Cache = { known: { key: SigningKey; until: number } | null; generation: number }
const caches = new WeakMap<App, Cache>()

function cacheOf(app: App): Cache {
  const existing = caches.get(app)
  if (existing) return existing
  const cache: Cache = { known: null, generation: 0 }
  const forget = () => {
    if (cache.known) cache.known.until = Number.NEGATIVE_INFINITY
    cache.generation += 1
  }
  app.notices.subscribe(KEY_CHANGED, forget)
  app.notices.subscribe('reconnected', forget)
  caches.set(app, cache)
  return cache
}

/** The key that signs now. @throws AppError unavailable where none has been made yet */
export async function currentSigningKey(app: App): Promise<SigningKey> {
  const cache = cacheOf(app)
  if (cache.known && cache.known.until > app.clock().getTime()) return cache.known.key
  for (;;) {
    const { generation } = cache
    const row = await findSigningKey(app)
    // A rotation while the question was under way: its answer may be from before.
    if (generation !== cache.generation) continue
    if (!row) {
      throw new AppError('unavailable', 'Playback is being set up. Try again in a moment.', {
        retryAfterSeconds: 5,
      })
    }
    const key = cache.known?.key.id === row.id ? cache.known.key : openKey(app, row)
    cache.known = { key, until: app.clock().getTime() + CACHE_MS }
    return key
  }
}

type SigningKeyRow = typeof signingKeys.$inferSelect

/** The row of the key that signs now, or null. */
export async function findSigningKey({ db, settings }: App): Promise<SigningKeyRow | null> {
  const [row] = await db
    .select()
    .from(signingKeys)
    .where(
      and(
        eq(signingKeys.provider, settings.videoProvider),
        isNull(signingKeys.retiredAt),
        isNull(signingKeys.deletedAt),
      ),
    )
  return row ?? null
}

function openKey(app: App, row: SigningKeyRow): SigningKey {
  const pem = unseal(app.keys.seal, row.privateKeySealed, keyPlace(row.id))
  return { id: row.id, privateKey: createPrivateKey(pem) }
}

export const keyPlace = (id: string) => `signing-key:${id}`

/** A private key as it is kept: it opens in its own row alone. */
export function sealSigningKey(app: App, made: { id: string; privateKey: string }): Buffer {
  return seal(app.keys.seal, made.privateKey, keyPlace(made.id))
}
