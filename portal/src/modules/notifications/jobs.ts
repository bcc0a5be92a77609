import { z } from 'zod'
import { unseal } from '#portal/platform/crypto.ts'
import { job } from '#portal/platform/job.ts'
import { deliverAlert } from './deliver-alert.ts'

/** Names the place of a sealed mail, so that a box from elsewhere does not open as one. */
export const MAIL_BOX = 'mail'

const mailContents = z.strictObject({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  unsubscribeUrl: z.string().optional(),
})

/** Hands one mail to the mail service. Ten tries over nearly four hours; the last failure raises an alert. */
export const sendMail = job({
  name: 'mail.send',
  input: z.strictObject({
    sealed: z.base64(),
    idempotencyKey: z.string().min(1).max(200),
    template: z.string(),
  }),
  maxAttempts: 10,
  async run({ app, input, attempt, maxAttempts }) {
    const box = Buffer.from(input.sealed, 'base64')
    const { unsubscribeUrl, ...mail } = mailContents.parse(
      JSON.parse(unseal(app.keys.seal, box, `${MAIL_BOX}:${input.idempotencyKey}`).toString()),
    )
    try {
      await app.ports.mail.send({
        ...mail,
        ...(unsubscribeUrl ? { unsubscribeUrl } : {}),
        idempotencyKey: input.idempotencyKey,
      })
      app.telemetry.add('portal.mail.sent', { outcome: 'sent' })
    } catch (error) {
      app.telemetry.add('portal.mail.sent', { outcome: 'failed' })
      if (attempt >= maxAttempts) {
        await app.ports.alerts.raise({
          key: `mail.send:${app.ports.mail.kind}`,
          severity: 'warning',
          summary: `A mail could not be handed over by ${app.ports.mail.kind} and was given up after ${attempt} tries.`,
          details: { template: input.template, attempts: attempt },
        })
      }
      throw error
    }
    if (attempt > 1) await app.ports.alerts.resolve(`mail.send:${app.ports.mail.kind}`)
  },
})

export const notificationJobs = [sendMail, deliverAlert]
