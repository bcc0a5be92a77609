import { instant, SIGNATURE } from './mail-words.ts'

/** Mails to those who run an installation: they name no person and no video. */
export type AlertMailValues = {
  alert: {
    event: 'raised' | 'acknowledged' | 'resolved'
    severity: 'info' | 'warning' | 'critical'
    summary: string
    cause: string
    details: Record<string, string | number>
    raisedAt: Date
    url: string
  }
}

const HEADS = { raised: 'Alert', acknowledged: 'Seen', resolved: 'Resolved' } as const

export const ALERT_WRITERS: {
  [T in keyof AlertMailValues]: (values: AlertMailValues[T]) => { subject: string; text: string }
} = {
  alert: ({ event, severity, summary, cause, details, raisedAt, url }) => ({
    subject: `${HEADS[event]} (${severity}): ${summary}`.slice(0, 150),
    text: [
      event === 'raised' ? summary : `${HEADS[event]}: ${summary}`,
      [
        `Cause: ${cause}`,
        `Since: ${instant(raisedAt)}`,
        ...Object.entries(details).map(([name, value]) => `${name}: ${value}`),
      ].join('\n'),
      event === 'raised' ? `See it, and acknowledge it:\n${url}` : `All alerts are here:\n${url}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
}
