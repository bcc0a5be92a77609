import { instant, SIGNATURE } from './mail-words.ts'

/** Mails about reading the audit log: to those who decide, and to who asked. */
export type LogAccessMailValues = {
  'log-access': {
    what: 'asked' | 'approved' | 'declined'
    reason: string
    hours: number
    endsAt: Date | null
    url: string
  }
  'log-review': { quarter: string; waiting: number; dueAt: Date; url: string }
}

export const LOG_ACCESS_WRITERS: {
  [T in keyof LogAccessMailValues]: (values: LogAccessMailValues[T]) => { subject: string; text: string }
} = {
  'log-access': ({ what, reason, hours, endsAt, url }) => ({
    subject: {
      asked: 'Somebody asks to read the audit log',
      approved: 'You may read the audit log',
      declined: 'You may not read the audit log',
    }[what],
    text: [
      {
        asked: `An administrator asks to read the audit log for ${hours} hours. Nothing is open yet: a second person agrees or declines, within three days. Decide here:\n${url}`,
        approved: `A second person agreed. You may read the audit log${endsAt ? ` until ${instant(endsAt)}` : ''}; each look is noted in it:\n${url}`,
        declined: `A second person declined. You can ask again, with more to go by:\n${url}`,
      }[what],
      `The reason that was given: ${reason}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
  'log-review': ({ quarter, waiting, dueAt, url }) => ({
    subject: `The ${quarter} review of access to the audit log waits`,
    text: [
      `${waiting} grants to read the audit log wait for somebody to say whether they were right. It is due by ${instant(dueAt)}.`,
      `Decide here:\n${url}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
}
