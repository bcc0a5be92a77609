import { and, count, eq, gt, isNull } from 'drizzle-orm'
import { memberFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { takesPerson, unknownScopes } from '#portal/platform/api-key-scopes.ts'
import type { Actor } from '#portal/platform/context.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { newApiKey } from './api-key-format.ts'
import { createApiKeyInput } from './inputs.ts'
import { apiKeys } from './tables.ts'

const DAY_MS = 86_400_000
const MAX_LIVE_KEYS = 50

const recordApiKey = verb({
  action: 'api-key.create',
  input: createApiKeyInput,
  allow: { role: 'guest', fresh: true },
  async run({ tx, input, ctx, actor }) {
    const ownerId = await ownerOf(tx, actor, input.owner)
    const [live] = await tx
      .select({ keys: count() })
      .from(apiKeys)
      .where(and(eq(apiKeys.ownerId, ownerId), isNull(apiKeys.revokedAt), gt(apiKeys.expiresAt, ctx.now)))
    if ((live?.keys ?? 0) >= MAX_LIVE_KEYS)
      throw new AppError(
        'conflict',
        `There are ${MAX_LIVE_KEYS} keys already. Revoke those that nobody uses.`,
      )
    const id = ctx.newId('apk')
    const key = newApiKey()
    const expiresAt = new Date(ctx.now.getTime() + input.days * DAY_MS)
    const scopes = [...new Set(input.scopes)].sort()
    await tx.insert(apiKeys).values({
      ...{ id, ownerId, scopes, expiresAt },
      name: input.name,
      keyHash: hashToken(key),
      lastFour: key.slice(-4),
      createdBy: actor.id,
      createdAt: ctx.now,
    })
    return {
      result: { id, key, name: input.name, scopes, expiresAt: expiresAt.toISOString() },
      change: {
        target: { type: 'api_key', id },
        details: { owner_id: ownerId, scopes, expires_at: expiresAt.toISOString() },
      },
    }
  },
})

/** Makes a key for the caller's own programs. It is shown this once; its hash is what is kept. */
export const createApiKey = flow({
  action: 'api-key.create',
  input: createApiKeyInput,
  allow: { role: 'guest', fresh: true },
  async run({ app, input, ctx }) {
    const barred = input.scopes.find((scope) => takesPerson(scope))
    if (barred) throw refused(`${barred} takes a person: no API key can do it. Leave it out.`)
    const unknown = unknownScopes(input.scopes, app.keyActions())
    if (unknown) throw refused(unknown)
    return await app.call(recordApiKey, input, ctx)
  },
})

const refused = (message: string) =>
  new AppError('invalid', `scopes: ${message}`, { errors: [{ path: 'scopes', message }] })

/** A person makes keys for themselves; the command line names whose they are. */
async function ownerOf(tx: Tx, actor: Actor, owner: string | undefined): Promise<string> {
  if (actor.kind === 'user') {
    if (owner !== undefined)
      throw new AppError('invalid', 'owner: leave it out; a key is yours, and nobody makes one for others.')
    return actor.id
  }
  if (!owner) throw new AppError('invalid', 'owner: name the e-mail of the person whose key it becomes.')
  const [person] = await tx
    .select({ id: personFacts.id })
    .from(personFacts)
    .innerJoin(memberFacts, eq(memberFacts.userId, personFacts.id))
    .where(eq(personFacts.email, owner))
  if (!person) throw new AppError('not_found', 'Nobody with an account has this address.')
  return person.id
}
