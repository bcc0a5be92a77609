/** Mux's error types that the engine answers with; the status decides the SDK's error class. */
const TYPES = {
  400: 'invalid_parameters',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  410: 'gone',
  412: 'precondition_failed',
  413: 'too_large',
  500: 'internal_error',
  503: 'unavailable',
} as const

export type ErrorStatus = keyof typeof TYPES

/** A refusal in Mux's shape: `{"error":{"type","messages"}}`. */
export class ApiError extends Error {
  readonly status: ErrorStatus
  readonly messages: string[]

  constructor(status: ErrorStatus, ...messages: string[]) {
    super(messages[0] ?? TYPES[status])
    this.name = 'ApiError'
    this.status = status
    this.messages = messages
  }
}

/** The JSON body of an error answer. */
export function errorBody(status: ErrorStatus, messages: string[]) {
  return { error: { type: TYPES[status], messages } }
}

/** Unknown, deleted and somebody else's are one answer. */
export function notFound(): ApiError {
  return new ApiError(404, "The requested resource either doesn't exist or you don't have access to it.")
}
