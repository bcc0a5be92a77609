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
        err: (error: Error) => ({
          type: error.name,
          message: redactUrls(String(error.message)),
          stack: redactUrls(String(error.stack ?? '')),
          ...('code' in error ? { code: String(error.code) } : {}),
        }),
      },
    },
    to,
  )
}
