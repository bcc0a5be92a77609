import type { MiddlewareHandler } from 'hono'
import { AppError } from '#portal/platform/errors.ts'
import type { Env } from './request-context.ts'

/** For administrators' routes whose operation lets owners in as well. */
export const staffOnly: MiddlewareHandler<Env> = async (c, next) => {
  const { actor } = c.get('ctx')
  if (actor.kind !== 'user') throw new AppError('unauthenticated')
  if (actor.role !== 'admin') throw new AppError('forbidden', undefined, { reason: 'role' })
  await next()
}
