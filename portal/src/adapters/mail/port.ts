export type Mail = {
  to: string
  subject: string
  /** Plain text; the only form we send. */
  text: string
  /** Same key, same mail: a retry must not reach the reader twice. */
  idempotencyKey: string
}

/** @throws AppError('unavailable') where the mail could not be handed over; the job tries again. */
export type MailPort = {
  readonly kind: 'outbox' | 'smtp' | 'resend'
  send(mail: Mail): Promise<void>
}

/** What a sealed row of the embedded outbox holds, and the name of its place. */
export type OutboxMail = Pick<Mail, 'to' | 'subject' | 'text'>
export const OUTBOX_PLACE = 'mail-outbox'
