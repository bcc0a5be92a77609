import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { memberFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import type { Db } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { claimsToBeApiKey, looksLikeApiKey } from './api-key-format.ts'
import { apiKeys } from './tables.ts'

/** The secret in `Authorization: Bearer`, where it claims to be an API key; else null. */
export function apiKeyOf(headers: Headers): string | null {
  const [, secret] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? []
  return secret !== undefined && claimsToBeApiKey(secret) ? secret : null
}

/**
 * The owner of a key as they are now, narrowed to its scopes. Looked up by its SHA-256: what is compared is a hash
 * that the caller can't steer, so that timing tells nothing of the key.
 * @throws AppError unauthenticated for a key that is mistyped, unknown, expired, revoked, or whose owner left
 */
export async function actorOfApiKey(db: Db, secret: string, now: Date): Promise<Actor> {
  const [found] = looksLikeApiKey(secret)
    ? await db
        .select({
          id: apiKeys.id,
          scopes: apiKeys.scopes,
          lastUsedOn: apiKeys.lastUsedOn,
          ownerId: memberFacts.userId,
          role: memberFacts.role,
          groups: memberFacts.staffGroups,
          organisationId: memberFacts.organisationId,
        })
        .from(apiKeys)
        .innerJoin(memberFacts, eq(memberFacts.userId, apiKeys.ownerId))
        .where(
          and(eq(apiKeys.keyHash, hashToken(secret)), isNull(apiKeys.revokedAt), gt(apiKeys.expiresAt, now)),
        )
    : []
  if (!found)
    throw new AppError(
      'unauthenticated',
      'This API key is not valid, has ended or was revoked. Make a new one under Account, API keys.',
      { reason: 'invalid_api_key' },
    )
  await markUsed(db, found, now)
  const { id, scopes, ownerId, role, groups, organisationId } = found
  return { kind: 'user', id: ownerId, role, groups, organisationId, apiKey: { id, scopes } }
}

/** Once a day, so that a busy key costs no write a request. */
async function markUsed(db: Db, key: { id: string; lastUsedOn: string | null }, now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10)
  if (key.lastUsedOn !== null && key.lastUsedOn >= today) return
  await db
    .update(apiKeys)
    .set({ lastUsedOn: today })
    .where(
      and(
        eq(apiKeys.id, key.id),
        or(isNull(apiKeys.lastUsedOn), lt(apiKeys.lastUsedOn, sql`${today}::date`)),
      ),
    )
}
