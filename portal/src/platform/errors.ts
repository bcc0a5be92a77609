import type { Actor } from './context.ts'

/** Closed set of failures that an operation may answer with; one table maps them to HTTP. */
export const ERROR_CODES = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Not allowed' },
  second_factor: { status: 403, title: 'Show your second factor first' },
  reauthenticate: { status: 403, title: 'Confirm that it is you first' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict' },
  gone: { status: 410, title: 'Gone' },
  too_large: { status: 413, title: 'Too large' },
  unsupported_media: { status: 415, title: 'Unsupported media type' },
  too_many: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available right now' },
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export type ErrorDetails = {
  /** Field errors: where, and what to do about it. */
  errors?: { path: string; message: string }[]
  /** Seconds until a retry can succeed; becomes Retry-After. */
  retryAfterSeconds?: number
  /** For the audit log alone, snake_case: why, where the door itself refuses. */
  reason?: string
  /** Allowed methods, for method_not_allowed. */
  allow?: string[]
  /** A problem type of somebody's registry in place of ours, and its members. */
  problem?: { type: string; members?: Record<string, string | number | string[]> }
}

/**
 * The one error that crosses module borders. `message` is a sentence for the person who asked.
 * Compare by `code`, never by instanceof: Next and the server load separate copies of this module.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message?: string, details: ErrorDetails = {}) {
    super(message ?? ERROR_CODES[code].title)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

/** True for an AppError of any module copy. */
export function isAppError(error: unknown): error is AppError {
  return (
    error instanceof Error &&
    error.name === 'AppError' &&
    'code' in error &&
    String(error.code) in ERROR_CODES
  )
}

/**
 * Thrown inside an operation that refuses for a reason the caller must not learn: the transaction rolls back,
 * the refusal is audited with `reason`, the caller gets the one forbidden answer.
 */
export class Refusal extends Error {
  readonly reason: string
  readonly target: { type: string; id: string } | undefined
  readonly actor: Actor | undefined

  /** `actor` where the operation itself found out who is asking, for example from a viewer's cookie. */
  constructor(reason: string, target?: { type: string; id: string }, actor?: Actor) {
    super(reason)
    this.name = 'Refusal'
    this.reason = reason
    this.target = target
    this.actor = actor
  }
}

/** An RFC 9457 problem document. */
export type Problem = {
  type: string
  title: string
  status: number
  detail?: string
  instance?: string
  errors?: { path: string; message: string }[]
  [member: string]: unknown
}

/** Maps any error to its problem document; what is not ours to explain becomes `internal`, without its message. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = isAppError(error) ? error : new AppError('internal')
  const { status, title } = ERROR_CODES[known.code]
  return {
    type: known.details.problem?.type ?? `/problems/${known.code.replaceAll('_', '-')}`,
    title,
    status,
    ...(known.message === title ? {} : { detail: known.message }),
    instance: `urn:request:${requestId}`,
    ...(known.details.errors ? { errors: known.details.errors } : {}),
    ...known.details.problem?.members,
  }
}
