import type { Context as HonoContext } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { AppError, isAppError, toProblem } from '#portal/platform/errors.ts'
import { isNavigation, limitedPage } from './limited-page.ts'
import { noteRefusal } from './note-refusal.ts'
import type { Env } from './request-context.ts'

/** Answers any error as an RFC 9457 problem document; what is not ours to explain is logged and stays unnamed. */
export async function problemResponse(error: unknown, c: HonoContext<Env>): Promise<Response> {
  const known = fromHono(error)
  const requestId = c.get('requestId') ?? 'req_none'
  const app = c.get('app')
  await noteRefusal(known, c)
  if (!isAppError(known)) await app.ports.errors.report(error, { requestId })
  const problem = toProblem(known, requestId)
  const details = isAppError(known) ? known.details : {}
  const asPage = problem.status === 429 && 'help' in problem && isNavigation(c.req.raw.headers)
  return c.body(asPage ? limitedPage(problem) : JSON.stringify(problem), problem.status as 400, {
    'content-type': asPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'cache-control': 'no-store',
    // What is left of an oversized body is not read: the connection can't serve another request.
    ...(problem.status === 413 ? { connection: 'close' } : {}),
    ...(details.retryAfterSeconds ? { 'retry-after': String(Math.ceil(details.retryAfterSeconds)) } : {}),
    ...(details.allow ? { allow: details.allow.join(', ') } : {}),
  })
}

function fromHono(error: unknown): unknown {
  if (!(error instanceof HTTPException)) return error
  if (error.status === 400) return new AppError('invalid', 'The request body is not valid JSON.')
  if (error.status === 415)
    return new AppError(
      'unsupported_media',
      'Send the body as JSON, and say so: Content-Type: application/json.',
    )
  return error
}
