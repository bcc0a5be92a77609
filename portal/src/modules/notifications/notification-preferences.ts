import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '#portal/platform/db.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { DEFAULT_DELIVERY, type Delivery, type NewsKind } from './rules.ts'
import { NEWS_KINDS, notificationPreferences } from './tables.ts'
import { whoUnsubscribes } from './unsubscribe-token.ts'

export type Preferences = Record<NewsKind, Delivery>

/** What somebody wants to hear of, and when. */
export async function preferencesOf(tx: Tx, userId: string): Promise<Preferences> {
  const rows = await tx
    .select()
    .from(notificationPreferences)
    .where(eq(notificationPreferences.userId, userId))
  return { ...DEFAULT_DELIVERY, ...Object.fromEntries(rows.map(({ kind, delivery }) => [kind, delivery])) }
}

export const getPreferences = read({
  action: 'notification.preferences',
  input: z.strictObject({}),
  allow: { role: 'agency' },
  async run({ db, actor }): Promise<Preferences> {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    return await preferencesOf(db, actor.id)
  },
})

const delivery = z.enum(['soon', 'daily', 'off'], { error: 'must be soon, daily or off' })

export const setPreferencesInput = z.strictObject({
  first_view: delivery.optional(),
  refusals: delivery.optional(),
  expiry: delivery.optional(),
})

export const setPreferences = verb({
  action: 'notification.set-preferences',
  input: setPreferencesInput,
  allow: { role: 'agency' },
  async run({ tx, input, actor }) {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    for (const kind of NEWS_KINDS) {
      const wanted = input[kind]
      if (wanted) await choose(tx, actor.id, kind, wanted)
    }
    return {
      result: await preferencesOf(tx, actor.id),
      change: { target: { type: 'user', id: actor.id }, details: { ...input } },
    }
  },
})

/** One click in a mail (RFC 8058): all news of shares off, without signing in. Whoever has the mail may do it. */
export const unsubscribe = verb({
  action: 'notification.unsubscribe',
  input: z.strictObject({ token: z.string().max(200) }),
  allow: { anyone: true },
  async run({ tx, input, keys }) {
    const userId = whoUnsubscribes(keys, input.token)
    if (!userId) throw new Refusal('unknown_token')
    for (const kind of NEWS_KINDS) await choose(tx, userId, kind, 'off')
    return { result: { status: 'off' as const }, change: { target: { type: 'user', id: userId } } }
  },
})

async function choose(tx: Tx, userId: string, kind: NewsKind, wanted: Delivery): Promise<void> {
  await tx
    .insert(notificationPreferences)
    .values({ userId, kind, delivery: wanted })
    .onConflictDoUpdate({
      target: [notificationPreferences.userId, notificationPreferences.kind],
      set: { delivery: wanted },
    })
}
