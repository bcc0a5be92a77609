import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enqueue } from '#portal/platform/job.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { type SmtpServer, startSmtpServer } from '../../../../tests/support/smtp-server.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { enqueueMail, type MailOrder } from './enqueue-mail.ts'
import { listOutbox } from './list-outbox.ts'

const CODE: MailOrder<'viewer-code'> = {
  to: 'viewer@example.com',
  template: 'viewer-code',
  values: { code: '123456', minutes: 10 },
  idempotencyKey: 'mail_1',
}

const order = (t: TestApp, mail = CODE, fail = false) =>
  t.app.db.transaction(async (tx) => {
    await enqueueMail({ keys: t.app.keys, enqueue: (job, payload) => enqueue(tx, job, payload) }, mail)
    if (fail) throw new Error('the change did not happen')
  })

describe('mail without a mail service', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await createTestApp()
  })
  afterAll(() => t?.stop())

  const read = async (input: object = {}) =>
    t.app.call(listOutbox, input, t.app.newContext(await t.person('admin', { groups: ['operations'] })))

  it('stands in the outbox, where an administrator reads it', async () => {
    await order(t)
    await runJobs(t)
    const { items } = await read()
    expect(items).toMatchObject([
      {
        to: 'viewer@example.com',
        subject: '123456 is your code to watch a video',
        createdAt: t.app.clock().toISOString(),
      },
    ])
    expect(items[0]!.text).toMatch(/works once, within 10 minutes/)
  })

  it('travels sealed: neither queue nor outbox holds address or code in the clear', async () => {
    await order(t, { ...CODE, idempotencyKey: 'mail_2' })
    const queued = await t.app.pool.query('select payload::text from graphile_worker._private_jobs')
    await runJobs(t)
    const kept = await t.app.pool.query("select encode(sealed, 'escape') as text from mail_outbox")
    expect(queued.rowCount).toBe(1)
    expect(JSON.stringify([queued.rows, kept.rows])).not.toMatch(/viewer@|123456/)
  })

  it('is not sent where the change it tells of is rolled back', async () => {
    const before = (await read()).items.length
    await expect(order(t, { ...CODE, idempotencyKey: 'mail_3' }, true)).rejects.toThrow('did not happen')
    await runJobs(t)
    expect((await read()).items.length).toBe(before)
  })

  it('[IDN-03] is read page by page, and by operations alone', async () => {
    for (let n = 10; n < 15; n++) await order(t, { ...CODE, idempotencyKey: `mail_${n}` })
    await runJobs(t)
    const all = (await read()).items.map((mail) => mail.id)
    const first = await read({ limit: 3 })
    const second = await read({ limit: 100, cursor: first.nextCursor })
    expect([...first.items, ...second.items].map((mail) => mail.id)).toEqual(all)
    expect(second.nextCursor).toBeNull()
    for (const other of [
      await t.person('agency'),
      await t.person('admin', { groups: ['security', 'support'] }),
    ])
      await expect(t.app.call(listOutbox, {}, t.app.newContext(other))).rejects.toMatchObject({
        code: 'forbidden',
      })
    await expect(read({ cursor: 'made up' })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('mail by SMTP', () => {
  let t: TestApp
  let smtp: SmtpServer
  beforeAll(async () => {
    smtp = await startSmtpServer()
    t = await createTestApp({ SMTP_URL: smtp.url, MAIL_FROM: 'Portal <no-reply@portal.example.com>' })
  })
  afterAll(async () => {
    await t?.stop()
    await smtp?.stop()
  })

  it('is tried again after a failure, and reaches its reader once', async () => {
    smtp.behave('put_off')
    const url = 'https://portal.example.com/join#token'
    const values = { url, expiresAt: new Date('2026-11-28T10:00:00Z') }
    await order(t, {
      to: 'coach@example.com',
      template: 'invitation',
      values,
      idempotencyKey: 'inv_1',
    } as never)
    await runJobs(t)
    expect(smtp.received).toEqual([])
    smtp.behave('take')
    await expect
      .poll(
        async () => {
          await t.app.pool.query('update graphile_worker._private_jobs set run_at = now()')
          await runJobs(t)
          return smtp.received.length
        },
        { timeout: 30_000, interval: 200 },
      )
      .toBe(1)
    expect(smtp.received[0]).toMatchObject({ to: ['coach@example.com'], from: 'no-reply@portal.example.com' })
    expect(smtp.received[0]!.text).toContain(url)
    expect(smtp.received[0]!.text).toContain('28 November 2026 at 10:00 UTC')
  })

  it('that is given up raises an alert', async () => {
    smtp.behave('put_off')
    await order(t, { ...CODE, idempotencyKey: 'mail_lost' })
    await t.app.pool.query('update graphile_worker._private_jobs set max_attempts = 1')
    await runJobs(t)
    const { rows } = await t.app.pool.query(
      "select severity, details from alerts where key = 'mail.send:smtp'",
    )
    expect(rows).toMatchObject([{ severity: 'warning', details: { template: 'viewer-code' } }])
  })
})
