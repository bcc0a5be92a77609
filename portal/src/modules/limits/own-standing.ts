import { flow } from '#portal/platform/operation.ts'
import type { OwnStanding } from './answers.ts'
import { limiterOf, type Stand } from './check-request.ts'
import { nothingInput } from './inputs.ts'
import type { LimitClass } from './rules.ts'

/** What people at work run into and have to plan for; the others come back within a minute, or guard secrets. */
const PLANNED: readonly LimitClass[] = ['upload', 'remind']

/** Where the caller stands with their own limits and their organisation's; asking is not counted as a use of any of them. */
export const getOwnStanding = flow({
  action: 'limit.own-standing',
  input: nothingInput,
  allow: { role: 'agency' },
  async run({ app, ctx, actor }): Promise<{ items: OwnStanding[] | null }> {
    const caller = actor.kind === 'user' ? { user: actor.id, organisation: actor.organisationId } : {}
    const limiter = limiterOf(app)
    try {
      const stands = await Promise.all(PLANNED.map((name) => limiter.look(name, caller)))
      return { items: stands.flat().map((stand) => told(stand, ctx.now)) }
    } catch (error) {
      ctx.log.warn({ err: error }, 'nobody can be told their limits now')
      return { items: null }
    }
  },
})

function told({ rule, numbers, at, raisedUntil }: Stand, now: Date): OwnStanding {
  const { class: name, by, burst, windowSeconds } = numbers
  const after = (us: number) => (us > 0 ? new Date(now.getTime() + us / 1000).toISOString() : null)
  return {
    ...{ rule, class: name, by, windowSeconds, limit: burst, used: burst - at.remaining },
    nextAt: at.remaining > 0 ? null : after(at.retryUs),
    freeAt: after(at.fullUs),
    raisedUntil: raisedUntil?.toISOString() ?? null,
  }
}
