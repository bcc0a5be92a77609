import { AppError, isAppError } from './errors.ts'

export type OutboundOptions = {
  /** Whom we call, as a sentence's subject: "The video service". */
  name: string
  deadlineMs: number
  /** Failures in a row that open the circuit. */
  failuresToOpen?: number
  /** How long an open circuit refuses before it lets one call try again. */
  openForMs?: number
  /** Whether what a call threw is the service's answer about what was asked; nothing for others to wait for. */
  isAnswer?: (error: unknown) => boolean
  /** Milliseconds that never run backwards. */
  monotonicMs?: () => number
}

/** Runs one call to somebody else's service. */
export type Outbound = <T>(call: (signal: AbortSignal) => Promise<T>) => Promise<T>

/**
 * A deadline and a circuit breaker around calls to one service. Retrying is the caller's: what may be repeated
 * differs from call to call. An AppError other than `unavailable` is an answer, not a failure, and closes the circuit.
 * @throws AppError unavailable where the call fails, takes too long, or the circuit is open
 */
export function createOutbound(options: OutboundOptions): Outbound {
  const {
    name,
    deadlineMs,
    failuresToOpen = 5,
    openForMs = 2000,
    isAnswer = () => false,
    monotonicMs = () => performance.now(),
  } = options
  let failures = 0
  let closedAgainAt = 0

  return async (call) => {
    if (failures >= failuresToOpen) {
      if (monotonicMs() < closedAgainAt)
        throw unavailable(name, Math.ceil((closedAgainAt - monotonicMs()) / 1000))
      closedAgainAt = monotonicMs() + openForMs
    }
    try {
      const result = await withDeadline(call, deadlineMs)
      failures = 0
      return result
    } catch (error) {
      if (isAnswer(error) || (isAppError(error) && error.code !== 'unavailable')) {
        failures = 0
        throw error
      }
      failures += 1
      if (failures >= failuresToOpen) closedAgainAt = monotonicMs() + openForMs
      throw isAppError(error) ? error : unavailable(name, 1, error)
    }
  }
}

function unavailable(name: string, retryAfterSeconds: number, cause?: unknown): AppError {
  const error = new AppError('unavailable', `${name} can't be reached right now. Try again shortly.`, {
    retryAfterSeconds,
  })
  error.cause = cause
  return error
}

// The call is raced as well as aborted: an SDK that ignores its signal must not hold its caller.
async function withDeadline<T>(call: (signal: AbortSignal) => Promise<T>, deadlineMs: number): Promise<T> {
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${deadlineMs} ms`)
    controller.abort(error)
    reject(error)
  }, deadlineMs)
  try {
    return await Promise.race([call(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
