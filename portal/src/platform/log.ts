import pino from 'pino'

export type Log = pino.Logger

// What is never written, at the top of a line or in what it holds, two levels deep.
const SECRET_FIELDS = [
  'password',
  'token',
  'secret',
  'email',
  'code',
  'authorization',
  'cookie',
  'set-cookie',
]
const redacted = SECRET_FIELDS.flatMap((field) => {
  const name = `["${field}"]`
  return [name, `*${name}`, `*.*${name}`]
})

// Secrets stand in URLs at declared places only; none of them may reach a log.
const SECRET_IN_URL: [RegExp, string][] = [
  [/(\/s\/|\/api\/share\/|\/api\/download\/|\/api\/unsubscribe\/|\/upload\/)[^/?#\s"]+/g, '$1[secret]'],
  [/([?&](?:token|signature)=)[^&#\s"]+/g, '$1[secret]'],
  [/\/[A-Za-z0-9]{44}(?=[./?#]|$)[^\s"]*/g, '/[playback]'],
]

/** The text with share tokens, upload secrets, playback IDs and playback tokens taken out. */
export function redactUrls(text: string): string {
  return SECRET_IN_URL.reduce((out, [pattern, mark]) => out.replace(pattern, mark), text)
}

/**
 * The same error, of a failed query with its text alone: what it names beside it are values, which may be addresses, names
 * or tokens. To be called wherever an error's words are kept.
 */
export function withoutValues<E>(error: E): E {
  if (!(error instanceof Error)) return error
  const failed = error as Error & { query?: unknown; params?: unknown }
  if (typeof failed.query === 'string' && Array.isArray(failed.params)) {
    const { message, query } = failed
    const text = `Failed query: ${query}`
    if (error.stack) error.stack = error.stack.replace(message, () => text)
    error.message = text
    failed.params = []
  }
  withoutValues(error.cause)
  return error
}

/** The database's code stands on what a failed query was caused by; `code` itself is a field that people's codes stand in. */
function codeOf(error: Error): { errorCode?: string } {
  for (const one of [error, error.cause])
    if (one instanceof Error && 'code' in one) return { errorCode: String(one.code) }
  return {}
}

/** JSON lines on standard error; personal and secret fields removed wherever they stand. */
export function createLog(level: string, to: pino.DestinationStream = pino.destination(2)): Log {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: redacted,
        censor: '[redacted]',
      },
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: (given: Error) => {
          const error = withoutValues(given)
          return {
            type: error.name,
            message: redactUrls(String(error.message)),
            stack: redactUrls(String(error.stack ?? '')),
            ...codeOf(error),
          }
        },
      },
    },
    to,
  )
}
