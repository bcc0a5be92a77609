import type { IdentityPort } from '#portal/adapters/identity/port.ts'
import { actorOf } from '#portal/modules/identity/actor.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Db } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { actorOfApiKey, apiKeyOf } from './find-api-key.ts'
import { emergencyRightsOf } from './grant-emergency.ts'

/**
 * Who asks: the owner of an API key, or the person whose session it is; null if nobody. A key goes before a cookie,
 * since it was named on purpose.
 * @throws AppError unauthenticated for a key that does not hold
 */
export async function actorOfRequest(
  parts: { identity: IdentityPort; db: Db; settings: Pick<Settings, 'STAFF_TOTP'>; clock: () => Date },
  headers: Headers,
): Promise<Actor | null> {
  const key = apiKeyOf(headers)
  if (key !== null) return await actorOfApiKey(parts.db, key, parts.clock())
  const actor = await actorOf(parts.identity, parts.db, parts.settings, headers)
  if (actor?.kind !== 'user' || actor.role !== 'admin') return actor
  const emergency = await emergencyRightsOf(parts.db, actor.id, parts.clock())
  return emergency.length > 0 ? { ...actor, emergency } : actor
}
