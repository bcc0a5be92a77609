import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { createOutbound } from '#portal/platform/outbound.ts'
import { isLoopback } from '#portal/platform/settings/loopback.ts'
import { type MailPort, unsubscribeHeaders } from './port.ts'

export type SmtpOptions = { url: string; from: string; deadlineMs?: number }

/**
 * Mail by any SMTP server (RFC 5321). A retry carries the same Message-ID, by which mail programs drop the second
 * copy; SMTP itself has no idempotency. Without TLS nothing leaves this machine.
 */
export function createSmtpMail({ url, from, deadlineMs = 20_000 }: SmtpOptions): MailPort {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isLoopback(url.replace(/^smtp/, 'http')),
    ...(username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
    connectionTimeout: 5000,
    greetingTimeout: 5000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const outbound = createOutbound({ name: 'The mail server', deadlineMs })
  const domain = /@([^>\s]+)>?\s*$/.exec(from)?.[1] ?? 'portal.localhost'

  return {
    kind: 'smtp',
    async send({ to, subject, text, idempotencyKey, ...rest }) {
      const key = createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40)
      await outbound(() =>
        transport.sendMail({
          from,
          // As an object it is one address, whatever commas it holds.
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${key}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribeHeaders(rest) },
        }),
      )
    },
  }
}
