import type { MiddlewareHandler } from 'hono'
import { AppError } from '#portal/platform/errors.ts'
import type { Env } from './request-context.ts'

/** Largest JSON body that the API reads. */
const BODY_LIMIT_BYTES = 1024 * 1024

/**
 * Refuses bodies that are too large before any of them is read. Node holds a body to its Content-Length, so the
 * declared size is the size; a body that declares none is refused. Hono's own limit copies the request in that case,
 * which the Node adapter's requests do not survive.
 */
export const bodyLimit: MiddlewareHandler<Env> = async (c, next) => {
  const declared = c.req.header('content-length')
  if (declared !== undefined && Number(declared) > BODY_LIMIT_BYTES) {
    throw new AppError('too_large', 'The request body is larger than 1 MiB.')
  }
  if (declared === undefined && c.req.header('transfer-encoding') !== undefined) {
    throw new AppError('invalid', 'Send the body with a Content-Length.')
  }
  await next()
}
