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
