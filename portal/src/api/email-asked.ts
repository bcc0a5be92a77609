import type { Context as HonoContext } from 'hono'
import { AppError } from '#portal/platform/errors.ts'
import { WHOLE_BYTES } from '#portal/platform/whole-body.ts'
import type { Env } from './request-context.ts'

/**
 * The e-mail address in the body, by which a request is counted before anything else looks at it. A body that the door has
 * not waited for is not read for that: whoever sends it slowly would have it counted when it breaks off.
 * @throws AppError too_large
 */
export async function emailAsked(c: HonoContext<Env>): Promise<string | undefined> {
  if (Number(c.req.header('content-length') ?? 0) > WHOLE_BYTES)
    throw new AppError('too_large', `The request body is larger than ${WHOLE_BYTES / 1024} KiB.`)
  const body = (await c.req.json().catch(() => null)) as { email?: unknown } | null
  return typeof body?.email === 'string' ? body.email.trim().toLowerCase() : undefined
}
