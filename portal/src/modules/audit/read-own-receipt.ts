import type { Actor } from '#portal/platform/context.ts'
import type { Db } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow } from '#portal/platform/operation.ts'
import { type AuditEvent, decodeEvent } from './event.ts'
import { eventIdInput } from './inputs.ts'
import { isOwnThing } from './own-things.ts'

type User = Extract<Actor, { kind: 'user' }>

/**
 * Receipt of an event that concerns the caller: what they did, what was done to their account, and what happened to a
 * video, an upload or a share of their organisation. One answer for an event that is somebody else's, that does not exist,
 * or that is younger than the tree.
 */
export const getOwnReceipt = flow({
  action: 'audit.own-receipt',
  input: eventIdInput,
  allow: { role: 'guest' },
  async run({ app, input, actor }) {
    const entry = await app.auditReader.entry(input.id)
    const event = entry === null ? null : decodeEvent(entry)
    const isMine = event !== null && actor.kind === 'user' && (await concerns(app.db, event, actor))
    const receipt = isMine ? await app.auditReader.receipt(input.id) : null
    if (!receipt) throw new AppError('not_found', 'There is no receipt of such an event for you.')
    return receipt
  },
})

async function concerns(db: Db, event: AuditEvent, me: User): Promise<boolean> {
  const { actor, target, details } = event
  if (actor.kind === 'user' && actor.pseudonym === me.id) return true
  if (target.type === 'user') return target.id === me.id
  for (const kind of ['share', 'video', 'upload'] as const) {
    const named = target.type === kind ? target.id : details[`${kind}_id`]
    if (typeof named === 'string' && (await isOwnThing(db, me, kind, named))) return true
  }
  return false
}
