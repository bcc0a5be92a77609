import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { findSigningKey, sealSigningKey } from './signing-key.ts'
import { signingKeys } from './tables.ts'

/** Who looks after signing keys. */
export const KEY_KEEPERS: Allow = { role: 'admin', groups: ['security'], system: true }

const recordSigningKey = verb({
  action: 'signing-key.create',
  input: z.strictObject({
    id: z.string(),
    provider: z.enum(['engine', 'mux']),
    sealed: z.instanceof(Buffer),
  }),
  allow: KEY_KEEPERS,
  async run({ tx, input, ctx }) {
    const made = await tx
      .insert(signingKeys)
      .values({ id: input.id, provider: input.provider, privateKeySealed: input.sealed, createdAt: ctx.now })
      .onConflictDoNothing()
      .returning({ id: signingKeys.id })
    if (made.length === 0)
      throw new AppError('conflict', 'Another process has made the signing key just now.')
    return {
      result: { id: input.id },
      change: { target: { type: 'signing_key', id: input.id }, details: { provider: input.provider } },
    }
  },
})

/** Asks the video service for a signing key where this portal has none; kept sealed, never logged. */
export const createSigningKey = flow({
  action: 'signing-key.create',
  input: z.strictObject({}),
  allow: KEY_KEEPERS,
  async run({ app, ctx }): Promise<{ id: string; made: boolean }> {
    const known = await findSigningKey(app)
    if (known) return { id: known.id, made: false }
    const key = await app.ports.video.createSigningKey()
    const sealed = sealSigningKey(app, key)
    try {
      await app.call(recordSigningKey, { id: key.id, provider: app.settings.videoProvider, sealed }, ctx)
      return { id: key.id, made: true }
    } catch (error) {
      await dropUnused(app, key.id)
      const theirs = await findSigningKey(app)
      if (theirs) return { id: theirs.id, made: false }
      throw error
    }
  },
})

/** Deletes a key that was made and never used. Its private half is lost already: a failure harms nobody. */
export async function dropUnused(app: App, id: string): Promise<void> {
  await app.ports.video
    .deleteSigningKey(id)
    .catch((error: unknown) => app.log.warn({ err: error, key: id }, 'an unused signing key was left over'))
}

/** At the start of every web process: one of them makes the first key. */
export async function ensureSigningKey(app: App): Promise<void> {
  await app.call(createSigningKey, {}, app.newContext({ kind: 'system', id: 'playback' }))
}
