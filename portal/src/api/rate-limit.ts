import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { LimitPolicy } from '#portal/adapters/limits/port.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { Env } from './request-context.ts'

/** The declared limits (RLA-01). Keys are hashes or IDs; raw addresses are not kept. */
export const LIMITS = {
  playback: { name: 'playback', limit: 100, windowSeconds: 60 },
  remind: { name: 'remind', limit: 60, windowSeconds: 3600 },
  progress: { name: 'progress', limit: 240, windowSeconds: 60 },
  gate: { name: 'gate', limit: 30, windowSeconds: 300 },
  gateSecret: { name: 'gate-secret', limit: 10, windowSeconds: 900 },
  upload: { name: 'upload', limit: 20, windowSeconds: 86_400 },
  signIn: { name: 'sign-in', limit: 20, windowSeconds: 300 },
  // Of a million codes three are right: guessing at this rate takes years.
  secondFactor: { name: 'second-factor', limit: 10, windowSeconds: 900 },
  /** By address, whoever asks from wherever: guesses at one password, and mails to one person. */
  signInAddress: { name: 'sign-in-address', limit: 30, windowSeconds: 900 },
  mailAddress: { name: 'mail-address', limit: 5, windowSeconds: 3600 },
  join: { name: 'join', limit: 20, windowSeconds: 900 },
  auditLog: { name: 'audit-log', limit: 6000, windowSeconds: 60 },
  api: { name: 'api', limit: 600, windowSeconds: 60 },
} as const satisfies Record<string, LimitPolicy>

export type LimitBy = 'ip' | 'user' | 'ip-and-path' | 'address'

/**
 * Counts the request against a policy and tells the caller where it stands (draft-ietf-httpapi-ratelimit-headers-11).
 * In monitor mode (RATE_LIMIT_ENFORCED=false) it counts and logs, and lets through. A failing store closes the door
 * with 503: these routes cost money or guard credentials.
 */
export function limitTo(policy: LimitPolicy, by: LimitBy): MiddlewareHandler<Env> {
  return async (c, next) => {
    const app = c.get('app')
    const who = await whoIsCounted(c, by)
    const verdict = await app.ports.limits.consume(policy, who).catch((error: unknown) => {
      app.log.error({ err: error, policy: policy.name }, 'limit store failed')
      throw new AppError('unavailable', 'The portal can’t count requests right now. Try again in a moment.', {
        retryAfterSeconds: 5,
      })
    })
    c.header('ratelimit-policy', `"${policy.name}";q=${policy.limit};w=${policy.windowSeconds}`)
    c.header('ratelimit', `"${policy.name}";r=${verdict.remaining};t=${verdict.resetSeconds}`)
    if (!verdict.allowed) {
      app.log.warn(
        { policy: policy.name, who: app.hashForLog(who), enforced: app.settings.RATE_LIMIT_ENFORCED },
        'limit reached',
      )
      if (app.settings.RATE_LIMIT_ENFORCED) {
        throw new AppError(
          'too_many',
          `Too many requests: at most ${policy.limit} in ${policy.windowSeconds} s. Try again in ${verdict.resetSeconds} s.`,
          {
            retryAfterSeconds: verdict.resetSeconds,
          },
        )
      }
    }
    await next()
  }
}

/** Whom a policy counts. A program is counted by its key, wherever it runs; several may share one address. */
async function whoIsCounted(c: HonoContext<Env>, by: LimitBy): Promise<string> {
  const ctx = c.get('ctx')
  if (ctx.actor.kind === 'user' && ctx.actor.apiKey) return ctx.actor.apiKey.id
  if (by === 'user') return ctx.actor.id
  if (by === 'ip') return `${ctx.ipHash}`
  if (by === 'ip-and-path') return `${ctx.ipHash}${c.req.path}`
  // The address in the body, as a keyed hash; what has none is refused further in.
  const body = (await c.req.json().catch(() => null)) as { email?: unknown } | null
  return c.get('app').hashForLog(
    String(body?.email ?? '')
      .trim()
      .toLowerCase(),
  )
}
