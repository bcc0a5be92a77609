import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { TOKEN_TTL_CEILING_SECONDS } from '#portal/platform/settings/video.ts'
import { dropUnused, KEY_KEEPERS } from './create-signing-key.ts'
import { deleteDueKeys, deleteSigningKeys } from './delete-signing-keys.ts'
import { rotateSigningKeyInput } from './inputs.ts'
import { findSigningKey, KEY_CHANGED, sealSigningKey } from './signing-key.ts'
import { signingKeys } from './tables.ts'

/** A process that has not heard of the rotation signs with the old key for seconds; clocks differ by some more. */
const MARGIN_SECONDS = 60

/** How long a retired key stays valid: the longest life of a token that it may have signed last. */
export const OVERLAP_MS = (TOKEN_TTL_CEILING_SECONDS + MARGIN_SECONDS) * 1000

const recordRotation = verb({
  action: 'signing-key.rotate',
  input: rotateSigningKeyInput.extend({
    provider: z.enum(['engine', 'mux']),
    oldId: z.string(),
    newId: z.string(),
    sealed: z.instanceof(Buffer),
  }),
  allow: KEY_KEEPERS,
  async run({ tx, input, ctx, actor, enqueue }) {
    const { provider, oldId, newId, sealed, reason, note } = input
    const compromised = reason === 'compromised'
    const retired = await tx
      .update(signingKeys)
      .set({
        retiredAt: ctx.now,
        retireReason: reason,
        retiredBy: actor.id,
        deleteAfter: new Date(ctx.now.getTime() + (compromised ? 0 : OVERLAP_MS)),
      })
      .where(and(eq(signingKeys.id, oldId), isNull(signingKeys.retiredAt), isNull(signingKeys.deletedAt)))
      .returning({ id: signingKeys.id })
    if (retired.length === 0)
      throw new AppError('conflict', 'The key was replaced by somebody else just now. Look at it again.')
    await tx.insert(signingKeys).values({ id: newId, provider, privateKeySealed: sealed, createdAt: ctx.now })
    if (compromised) {
      // One that leaked may not have been the only one: nothing signed before now opens anything.
      await tx
        .update(signingKeys)
        .set({ deleteAfter: ctx.now })
        .where(
          and(
            eq(signingKeys.provider, provider),
            isNull(signingKeys.deletedAt),
            isNotNull(signingKeys.retiredAt),
          ),
        )
      await enqueue(deleteSigningKeys, {}, { key: 'signing-keys:delete-now' })
    }
    await notify(tx, { topic: KEY_CHANGED, body: { kid: newId, renew: compromised ? 1 : 0 } })
    return {
      result: { id: newId, retiredId: oldId },
      change: {
        target: { type: 'signing_key', id: newId },
        reason,
        details: { provider, retired_key: oldId },
        // What a person writes may name people: it is kept under its writer's key.
        ...(note ? { personal: { subject: actor.id, data: { note } } } : {}),
      },
    }
  },
})

/**
 * Replaces the key that signs. The new one signs at once; the old one stays valid at the video service until its
 * last token has ended. After a compromise nothing waits: every old key is deleted there in the same request, open
 * pages are told to renew, and a second person reviews it.
 */
export const rotateSigningKey = flow({
  action: 'signing-key.rotate',
  input: rotateSigningKeyInput,
  allow: { ...KEY_KEEPERS, fresh: true },
  async run({ app, input, ctx }) {
    if (input.reason === 'compromised' && !input.note)
      throw new AppError('invalid', 'Say what happened: a second person reviews it.', {
        errors: [{ path: 'note', message: 'is needed after a compromise' }],
      })
    const old = await findSigningKey(app)
    if (!old) throw new AppError('conflict', 'There is no signing key yet: make the first one.')
    const made = await app.ports.video.createSigningKey()
    const rotated = await app
      .call(
        recordRotation,
        {
          ...input,
          provider: app.settings.videoProvider,
          oldId: old.id,
          newId: made.id,
          sealed: sealSigningKey(app, made),
        },
        ctx,
      )
      .catch(async (error: unknown) => {
        await dropUnused(app, made.id)
        throw error
      })
    if (input.reason !== 'compromised') return { ...rotated, oldTokensDead: false }
    await tellSecurity(app, rotated)
    return { ...rotated, oldTokensDead: await deleteAtOnce(app) }
  },
})

/** False where the video service did not confirm; the job that was enqueued with the rotation repeats it. */
async function deleteAtOnce(app: App): Promise<boolean> {
  return await deleteDueKeys(app).then(
    () => true,
    () => false,
  )
}

async function tellSecurity(app: App, { id, retiredId }: { id: string; retiredId: string }): Promise<void> {
  await app.ports.alerts.raise({
    key: `signing-key.compromised:${retiredId}`,
    severity: 'critical',
    summary: 'A signing key was replaced after a compromise. A second person must review it.',
    details: { retired: retiredId, signing: id },
  })
}
