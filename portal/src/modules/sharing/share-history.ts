import { listShareEvents } from '#portal/modules/audit/queries.ts'
import { read } from '#portal/platform/operation.ts'
import { shareHistoryInput } from './inputs.ts'
import { loadScopedShare } from './revoke-share.ts'

export type ShareHistoryEvent = {
  id: string
  time: string
  action: string
  outcome: string
  reason: string | null
  actorKind: string
  /** Pseudonym of the one who acted. */
  actor: string
  /** True once a signed head of the log covers it. */
  proved: boolean
}

/** What happened to one share, newest first, from the audit log. */
export const getShareHistory = read({
  action: 'share.history',
  input: shareHistoryInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }) {
    const share = await loadScopedShare(db, actor, input.id)
    const page = await listShareEvents(db, share.id, {
      limit: input.limit,
      ...(input.cursor ? { cursor: input.cursor } : {}),
    })
    const items = page.items.flatMap(({ event, proved }): ShareHistoryEvent[] =>
      event
        ? [
            {
              id: event.id,
              time: event.time,
              action: event.action,
              outcome: event.outcome,
              reason: event.reason,
              actorKind: event.actor.kind,
              actor: event.actor.pseudonym,
              proved,
            },
          ]
        : [],
    )
    return { items, nextCursor: page.nextCursor }
  },
})
