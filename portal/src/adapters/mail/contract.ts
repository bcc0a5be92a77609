import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MailPort } from './port.ts'

export type DeliveredMail = { to: string; subject: string; text: string; messageId?: string | undefined }

export type MailContractSubject = {
  port: MailPort
  /** The same with a deadline that a test can wait for; not given where nothing can hang. */
  impatient?: MailPort
  /** What readers have in their mailboxes, oldest first. */
  delivered(): Promise<DeliveredMail[]>
  /** Makes the service fail from here on; undefined where it can't (the database is then down altogether). */
  break?: (how: 'put_off' | 'hang' | 'take') => void
  stop(): Promise<void>
}

const CODE = {
  to: 'viewer@example.com',
  subject: '123456 is your code to watch a video',
  text: 'Your code is 123456.\n\nSchöne Grüße – “quoted”, 日本\n.\nA line that begins with a point.\n\n-- \nPortal',
}

/** What every way of sending mail must do. */
export function mailContract(name: string, start: () => Promise<MailContractSubject>): void {
  describe(`mail port: ${name}`, () => {
    let subject: MailContractSubject
    beforeAll(async () => {
      subject = await start()
    })
    afterAll(() => subject?.stop())

    it('delivers recipient, subject and text as they are', async () => {
      await subject.port.send({ ...CODE, idempotencyKey: 'mail-1' })
      const [mail] = await subject.delivered()
      expect({ ...mail, text: mail!.text.replaceAll('\r\n', '\n').trimEnd() }).toMatchObject(CODE)
    })

    it('lets no second copy of one mail reach its reader', async () => {
      const mail = { ...CODE, idempotencyKey: 'mail-2' }
      const before = (await subject.delivered()).length
      await subject.port.send(mail)
      await subject.port.send(mail)
      const copies = (await subject.delivered()).slice(before)
      // Where the service itself has no idempotency, both copies bear one Message-ID.
      expect(new Set(copies.map((copy, at) => copy.messageId ?? at)).size).toBe(1)
    })

    it('sends to one recipient, whatever the address holds', async () => {
      const to = 'a@example.com, b@example.com\r\nBcc: c@example.com'
      const before = (await subject.delivered()).length
      await subject.port.send({ ...CODE, to, idempotencyKey: 'mail-3' }).catch(() => {})
      const after = (await subject.delivered()).slice(before)
      expect(after.length).toBeLessThanOrEqual(1)
      expect(after.every((mail) => !/^c@|, c@/m.test(mail.to))).toBe(true)
    })

    it('says that the service is not available, and within its deadline', async () => {
      const { port, impatient } = subject
      if (!subject.break || !impatient) return expect(port.kind).toBe('outbox')
      for (const how of ['put_off', 'hang'] as const) {
        subject.break(how)
        const sending = impatient.send({ ...CODE, idempotencyKey: `mail-${how}` })
        await expect(sending, how).rejects.toMatchObject({ code: 'unavailable' })
      }
      subject.break('take')
      await port.send({ ...CODE, idempotencyKey: 'mail-hang' })
    })
  })
}
