import { findAccount } from '#portal/modules/identity/erase-person.ts'
import { countVideosOf } from '#portal/modules/videos/erase-person.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { type FoundPerson, findPerson, hashPerson, sealPerson } from './erased-person.ts'
import { ERASURE_ASKERS } from './erasure-staff.ts'
import { type AskErasure, askErasureInput } from './inputs.ts'
import { erasures } from './tables.ts'

/**
 * Asks for the erasure of a person, of whom an account or only an address is known. Nothing is erased before a second
 * person agrees.
 */
export const askErasure = verb({
  action: 'privacy.ask-erasure',
  input: askErasureInput,
  allow: { ...ERASURE_ASKERS, fresh: true },
  async run(scope) {
    const { input } = scope
    const { id, kind, userId } = await openErasure(scope, input)
    return {
      result: { id, kind, status: 'pending' as const },
      change: {
        target: { type: 'erasure', id },
        reason: input.reason,
        details: { kind, user_id: userId, videos: input.videos ?? null, reference: input.reference },
      },
    }
  },
})

/** The same inside another operation's transaction: a request of a person's own, once somebody has looked at it. */
export async function openErasure(
  scope: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'actor' | 'keys'>,
  input: AskErasure,
): Promise<{ id: string; kind: 'account' | 'guest'; userId: string | null }> {
  const { tx, ctx, actor, keys } = scope
  const person = await findPerson(tx, keys, input)
  if (person.userId === actor.id)
    throw new AppError('conflict', 'Somebody else has to ask for this about you: ask another administrator.')
  const videos = await fateOfVideos(scope, input, person)
  const id = ctx.newId('ers')
  const kind = person.userId === null ? 'guest' : 'account'
  const made = await tx
    .insert(erasures)
    .values({
      ...{ id, kind, userId: person.userId, ...videos },
      personSealed: sealPerson(keys, id, person),
      personHash: hashPerson(keys, person),
      ...{ reason: input.reason, reference: input.reference },
      ...{ askedBy: actor.id, askedAt: ctx.now, status: 'pending' as const },
    })
    .onConflictDoNothing()
    .returning({ id: erasures.id })
  if (made.length === 0) throw new AppError('conflict', 'An erasure of this person is open already.')
  return { id, kind, userId: person.userId }
}

async function fateOfVideos({ tx }: Pick<VerbScope<unknown>, 'tx'>, input: AskErasure, person: FoundPerson) {
  const { userId } = person
  if (userId === null || (await countVideosOf(tx, userId)) === 0) {
    if (input.successor) return { videos: 'transfer' as const, successorId: await heirOf(tx, input, person) }
    return { videos: input.videos === 'delete' ? ('delete' as const) : null, successorId: null }
  }
  if (!input.videos)
    throw new AppError('invalid', 'videos: this person owns videos; say `transfer` or `delete`.', {
      errors: [{ path: 'videos', message: 'this person owns videos: say what becomes of them' }],
    })
  if (input.videos === 'delete') return { videos: 'delete' as const, successorId: null }
  return { videos: 'transfer' as const, successorId: await heirOf(tx, input, person) }
}

async function heirOf(tx: VerbScope<unknown>['tx'], input: AskErasure, person: FoundPerson): Promise<string> {
  const { successor } = input
  const fault = (message: string) =>
    new AppError('invalid', `successor: ${message}.`, { errors: [{ path: 'successor', message }] })
  if (!successor) throw fault('name the colleague who gets the videos')
  const heir = await findAccount(tx, successor.includes('@') ? { email: successor } : { id: successor })
  const isColleague = heir?.isActive && heir.role !== 'guest' && heir.organisationId === person.organisationId
  if (!isColleague || heir.id === person.userId)
    throw fault('must be a colleague in the same organisation who may own videos')
  return heir.id
}
