export type Mail = {
  to: string
  subject: string
  /** Plain text; the only form we send. */
  text: string
  /** Same key, same mail: a retry must not reach the reader twice. */
  idempotencyKey: string
  /** Takes a POST that ends such mails: sent as List-Unsubscribe, for one click (RFC 8058). */
  unsubscribeUrl?: string
}

/** The headers by which mail programs offer to end such mails. */
export function unsubscribeHeaders({ unsubscribeUrl }: Pick<Mail, 'unsubscribeUrl'>): Record<string, string> {
  return unsubscribeUrl
    ? { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
    : {}
}

/** @throws AppError('unavailable') where the mail could not be handed over; the job tries again. */
export type MailPort = {
  readonly kind: 'outbox' | 'smtp' | 'resend'
  send(mail: Mail): Promise<void>
}

/** What a sealed row of the embedded outbox holds, and the name of its place. */
export type OutboxMail = Pick<Mail, 'to' | 'subject' | 'text'>
export const OUTBOX_PLACE = 'mail-outbox'
/** Newest mails that it keeps. */
export const OUTBOX_KEEPS = 500
