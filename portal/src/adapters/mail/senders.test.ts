import { afterAll, beforeAll, expect, it } from 'vitest'
import { startResendServer } from '../../../../tests/support/resend-server.ts'
import { type SmtpServer, startSmtpServer } from '../../../../tests/support/smtp-server.ts'
import { mailContract } from './contract.ts'
import { createResendMail } from './resend.ts'
import { createSmtpMail } from './smtp.ts'

const FROM = 'Motion Mavericks <no-reply@portal.example.com>'

mailContract('SMTP', async () => {
  const server = await startSmtpServer()
  const port = (deadlineMs?: number) => createSmtpMail({ url: server.url, from: FROM, deadlineMs })
  return {
    port: port(),
    impatient: port(500),
    delivered: async () =>
      server.received.map((mail) => ({
        to: mail.to.join(', '),
        subject: mail.headers.get('subject') ?? '',
        text: mail.text,
        messageId: mail.headers.get('message-id'),
      })),
    break: server.behave,
    stop: server.stop,
  }
})

mailContract('Resend', async () => {
  const server = await startResendServer('re_test')
  const port = (deadlineMs?: number) =>
    createResendMail({ apiKey: 're_test', from: FROM, baseUrl: server.origin, deadlineMs })
  return {
    port: port(),
    impatient: port(500),
    delivered: async () =>
      server.received.map(({ to, subject, text }) => ({ to: to.join(', '), subject, text })),
    break: server.behave,
    stop: server.stop,
  }
})

let smtp: SmtpServer
beforeAll(async () => {
  smtp = await startSmtpServer()
})
afterAll(() => smtp.stop())

it('[ASVS-12.3.1] SMTP hands nothing over in the clear to another machine', async () => {
  const port = createSmtpMail({ url: smtp.url.replace('127.0.0.1', '0.0.0.0'), from: FROM })
  const mail = { to: 'a@example.com', subject: 's', text: 't', idempotencyKey: 'k' }
  await expect(port.send(mail)).rejects.toMatchObject({ code: 'unavailable' })
  expect(smtp.received).toEqual([])
})

it('[ASVS-1.3.11] a line break in an address or a title begins no header and adds no reader', async () => {
  const port = createSmtpMail({ url: smtp.url, from: FROM })
  const mail = { to: 'a@example.com', subject: 'Hello', text: 't', idempotencyKey: 'k' }
  await port.send({ ...mail, subject: 'Hello\r\nBcc: thief@example.com\r\n\r\nAnother text' })
  await port
    .send({ ...mail, to: 'a@example.com>\r\nRCPT TO:<thief@example.com' })
    .catch(() => 'refused is as good')
  expect(smtp.received.flatMap(({ to }) => to).filter((to) => to.startsWith('thief@'))).toEqual([])
  expect(smtp.received.length).toBeGreaterThan(0)
  for (const { headers } of smtp.received) expect(headers.has('bcc')).toBe(false)
})
