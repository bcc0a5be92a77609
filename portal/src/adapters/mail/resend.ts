import { Resend } from 'resend'
import { AppError } from '#portal/platform/errors.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { type MailPort, unsubscribeHeaders } from './port.ts'

export type ResendOptions = {
  apiKey: string
  from: string
  baseUrl?: string | undefined
  deadlineMs?: number
}

/** Mail by Resend. Its idempotency key holds for 24 hours, longer than a mail job tries. */
export function createResendMail({ apiKey, from, baseUrl, deadlineMs = 10_000 }: ResendOptions): MailPort {
  const client = new Resend(apiKey, { baseUrl: baseUrl ?? 'https://api.resend.com' })
  const outbound = createOutbound({ name: 'The mail service', deadlineMs })

  return {
    kind: 'resend',
    async send({ to, subject, text, idempotencyKey, ...rest }) {
      await outbound(async () => {
        const { error } = await client.emails.send(
          { from, to: [to], subject, text, headers: unsubscribeHeaders(rest) },
          { idempotencyKey },
        )
        if (error)
          throw new AppError('unavailable', `The mail service did not take the mail (${error.name}).`)
      })
    },
  }
}
