import { and, eq, isNull } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { idInput } from './inputs.ts'
import { apiKeys } from './tables.ts'

/** Ends a key at once: one's own, or, for administrators, anybody's, since a leaked one can't wait for its owner. */
export const revokeApiKey = verb({
  action: 'api-key.revoke',
  input: idInput,
  allow: { role: 'guest' },
  async run({ tx, input, ctx, actor }) {
    const staff = actor.kind === 'command' || (actor.kind === 'user' && actor.role === 'admin')
    const [revoked] = await tx
      .update(apiKeys)
      .set({ revokedAt: ctx.now, revokedBy: actor.id })
      .where(
        and(
          eq(apiKeys.id, input.id),
          isNull(apiKeys.revokedAt),
          staff ? undefined : eq(apiKeys.ownerId, actor.id),
        ),
      )
      .returning({ id: apiKeys.id, ownerId: apiKeys.ownerId })
    if (!revoked) throw new AppError('not_found', 'There is no such key, or it was revoked already.')
    return {
      result: { id: revoked.id, status: 'revoked' as const },
      change: { target: { type: 'api_key', id: revoked.id }, details: { owner_id: revoked.ownerId } },
    }
  },
})
