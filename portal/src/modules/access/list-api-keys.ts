import { desc, eq } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { read } from '#portal/platform/operation.ts'
import { nothingInput } from './inputs.ts'
import { apiKeys } from './tables.ts'

const MOST = 200

/** The caller's own keys, newest first, also those that ended; the command line sees everybody's. */
export const listApiKeys = read({
  action: 'api-key.list',
  input: nothingInput,
  allow: { role: 'guest' },
  async run({ db, ctx, actor }) {
    const rows = await db
      .select({ key: apiKeys, owner: personFacts.email })
      .from(apiKeys)
      .innerJoin(personFacts, eq(personFacts.id, apiKeys.ownerId))
      .where(actor.kind === 'command' ? undefined : eq(apiKeys.ownerId, actor.id))
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
      .limit(MOST)
    return rows.map(({ key, owner }) => ({
      id: key.id,
      name: key.name,
      owner,
      shown: `mmk_…${key.lastFour}`,
      scopes: key.scopes,
      status: key.revokedAt
        ? ('revoked' as const)
        : key.expiresAt <= ctx.now
          ? ('expired' as const)
          : ('active' as const),
      createdAt: key.createdAt.toISOString(),
      expiresAt: key.expiresAt.toISOString(),
      lastUsedOn: key.lastUsedOn,
      revokedAt: key.revokedAt?.toISOString() ?? null,
    }))
  },
})
