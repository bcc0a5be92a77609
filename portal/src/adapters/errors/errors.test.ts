import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ErrorSink, startErrorSink } from '../../../../tests/support/error-sink.ts'
import { createLogErrors } from './log.ts'
import { createSentryErrors } from './sentry.ts'

type Line = { msg: string; err: { message: string }; job?: string }
const lines: Line[] = []
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) })

describe('errors', () => {
  let sink: ErrorSink
  beforeAll(async () => {
    sink = await startErrorSink()
  })
  afterAll(() => sink.stop())

  it('[ASVS-16.2.3, ASVS-16.3.4] go to the log with their context, whatever is thrown', async () => {
    const errors = createLogErrors({ log })
    await errors.report('a text', { job: 'mail.send' })
    expect(lines.at(-1)).toMatchObject({ msg: 'error', job: 'mail.send', err: { message: 'a text' } })
  })

  it('[ASVS-14.2.3] reach the service without secrets, addresses, machine or request', async () => {
    const errors = await createSentryErrors({ dsn: sink.dsn, log })
    const token = 'Zk3v8sT2m9-secret-share-token'
    const message = `GET /s/${token}?token=abc.def for viewer@example.com failed`
    await errors.report(Object.assign(new TypeError(message), { password: 'hunter2' }), {
      job: 'mail.send',
      attempts: 3,
    })
    await errors.flush()
    expect(sink.events()).toHaveLength(1)
    const [event] = sink.events()
    expect(event!.exception.values[0]).toMatchObject({
      type: 'TypeError',
      value: 'GET /s/[secret]?token=[secret] for [address] failed',
    })
    expect(event!.tags).toEqual({ job: 'mail.send', attempts: 3 })
    const sent = sink.envelopes.join()
    for (const secret of [
      token,
      'abc.def',
      'viewer@',
      'hunter2',
      'server_name',
      'breadcrumbs',
      '"user"',
      '"request"',
    ]) {
      expect(sent).not.toContain(secret)
    }
  })

  it('that are security events are one matter a kind and reason, and name nobody [UTM-02]', async () => {
    const errors = await createSentryErrors({ dsn: sink.dsn, log })
    const before = sink.events().length
    for (const sender of ['one@example.com', 'two@example.com'])
      await errors.report(new Error(`The signature of ${sender} does not verify.`), {
        ...{ security: 'webhook.reject', reason: 'signature', requestId: 'req_1' },
      })
    await errors.flush()
    const events = sink.events().slice(before)
    expect(events).toMatchObject(
      Array(2).fill({
        level: 'warning',
        fingerprint: ['security', 'webhook.reject', 'signature'],
        tags: { security: 'webhook.reject', reason: 'signature' },
      }),
    )
    expect(JSON.stringify(events)).not.toMatch(/one@|two@|example\.com/)
  })

  it('that can not be sent harm nobody', async () => {
    const errors = await createSentryErrors({ dsn: 'http://key@127.0.0.1:1/42', log })
    await errors.report(new Error('nobody hears this'))
    await errors.flush()
    expect(lines.at(-1)).toMatchObject({ err: { message: 'nobody hears this' } })
  })
})
