import { AppError } from '#portal/platform/errors.ts'
import { ACCOUNT_WRITERS, type AccountMailValues } from './account-mails.ts'
import { ALERT_WRITERS, type AlertMailValues } from './alert-mails.ts'
import { LOG_ACCESS_WRITERS, type LogAccessMailValues } from './log-access-mails.ts'
import { instant, SIGNATURE } from './mail-words.ts'
import { OWNER_WRITERS, type OwnerMailValues } from './owner-mails.ts'
import { REVOCATION_WRITERS, type RevocationMailValues } from './revocation-mails.ts'

/** What each mail needs to be written; `idempotencyKey`, recipient and sender are the caller's. */
export type MailValues = AccountMailValues &
  AlertMailValues &
  LogAccessMailValues &
  OwnerMailValues &
  RevocationMailValues & {
    'viewer-code': { code: string; minutes: number }
    invitation: { url: string; expiresAt: Date }
    'emergency-access': { what: 'began' | 'ended'; reason: string; minutes: number; url: string }
    'approval-asked': { title: string; asks: string; reason: string; url: string }
    'share-decided': { decision: 'approved' | 'declined'; title: string; reason: string; url: string }
  }

export type MailTemplate = keyof MailValues

type Written = { subject: string; text: string }

const WRITERS: { [T in MailTemplate]: (values: MailValues[T]) => Written } = {
  ...ACCOUNT_WRITERS,
  ...ALERT_WRITERS,
  ...LOG_ACCESS_WRITERS,
  ...OWNER_WRITERS,
  ...REVOCATION_WRITERS,
  'emergency-access': ({ what, reason, minutes, url }) => ({
    subject:
      what === 'began' ? 'Emergency access began' : 'Emergency access is over: it waits for its review',
    text: [
      what === 'began'
        ? `Two people agreed to emergency access for ${minutes} minutes. It runs now; you can end it here:\n${url}`
        : `An emergency access is over. Somebody who neither had it nor agreed to it has to review it here:\n${url}`,
      `The reason that was given: ${reason}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
  'viewer-code': ({ code, minutes }) => ({
    subject: `${code} is your code to watch a video`,
    text: [
      `Your code is ${code}.`,
      `Enter it on the page that asked for it. It works once, within ${minutes} minutes.`,
      'If you did not ask for a code, ignore this mail: nobody can watch without it.',
      SIGNATURE,
    ].join('\n\n'),
  }),
  invitation: ({ url, expiresAt }) => ({
    subject: 'You are invited to the Motion Mavericks Portal',
    text: [
      'You have been invited to share and review video in the Motion Mavericks Portal.',
      `Choose your name and password here:\n${url}`,
      `The link works once, until ${instant(expiresAt)}. Keep it to yourself: whoever opens it first takes the place meant for you.`,
      'If you did not expect this, ignore this mail and nothing happens.',
      SIGNATURE,
    ].join('\n\n'),
  }),
  'approval-asked': ({ title, asks, reason, url }) => ({
    subject: `A link to ${title} waits for a second person`,
    text: [
      `Somebody asks for a link to ${title} that ${asks}.`,
      `They wrote: ${reason}`,
      `Nobody can watch by it until a second person agrees. Decide here:\n${url}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
  'share-decided': ({ decision, title, reason, url }) => ({
    subject:
      decision === 'approved' ? `Your link to ${title} was approved` : `Your link to ${title} was declined`,
    text: [
      decision === 'approved'
        ? `A second person agreed to your link to ${title}. Fetch it here; it is shown once:\n${url}`
        : `A second person declined your link to ${title}. Nobody could watch by it. You can make another one here:\n${url}`,
      `They wrote: ${reason}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
}

/**
 * Subject and plain text of a mail, in en-AU; instants in UTC, since the reader's zone is not known.
 * @throws AppError internal for a template that does not exist
 */
export function composeMail<T extends MailTemplate>(template: T, values: MailValues[T]): Written {
  const write = WRITERS[template]
  if (!write) throw new AppError('internal', `There is no mail template "${template}".`)
  return write(values)
}
