import { DrizzleQueryError } from 'drizzle-orm/errors'
import { expect, it } from 'vitest'
import { createLog } from './log.ts'

const lines: string[] = []
const log = createLog('info', { write: (line) => void lines.push(line) })
const written = () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>

it('[ASVS-16.4.1] what somebody typed begins no line and no field of its own', () => {
  const typed = 'x\n{"level":"error","msg":"forged"}\r\n\u2028\u001b[2J","level":"fatal'
  log.info({ title: typed }, 'a title')
  for (const sign of ['\n', '\r', '\u001b']) expect(lines.at(-1)?.trimEnd()).not.toContain(sign)
  expect(written()).toMatchObject({ level: 'info', msg: 'a title', title: typed })
})

it('[ASVS-16.2.2, ASVS-16.2.4] a line is one JSON object with its time in UTC, and its request where there is one', () => {
  log.child({ requestId: 'req_1' }).warn('something')
  expect(written()).toMatchObject({
    level: 'warn',
    msg: 'something',
    requestId: 'req_1',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  })
})

it('[ASVS-16.2.5] secrets are taken out by their name, wherever they stand, and out of URLs in errors', () => {
  const secrets = {
    password: 'hunter2',
    token: 'hunter2',
    cookie: 'hunter2',
    code: 'hunter2',
    secret: 'hunter2',
  }
  log.info({
    ...secrets,
    body: secrets,
    request: { headers: { authorization: 'hunter2', cookie: 'hunter2' } },
  })
  log.error({ err: new Error('GET /s/hunter2?token=hunter2 and /api/download/hunter2 failed') }, 'failed')
  expect(lines.slice(-2).join('')).not.toContain('hunter2')
  expect(lines.at(-2)).toContain('[redacted]')
})

it('[ASVS-16.2.5] a failed query is told by its text and the code of its cause, without the values', () => {
  const values = ['amy@x.example', 'session\n    at token', null]
  const cause = Object.assign(new Error('terminated'), { code: '57P01' })
  const failed = new DrizzleQueryError('insert into sessions values ($1, $2, $3)', values, cause)
  log.error({ err: new Error('nothing could be kept', { cause: failed }) }, 'failed')
  log.error({ err: failed }, 'failed')
  expect(JSON.parse(lines.at(-1) ?? '').err).toMatchObject({
    message: 'Failed query: insert into sessions values ($1, $2, $3)',
    stack: expect.stringMatching(
      /^Error: Failed query: insert into sessions values \(\$1, \$2, \$3\)\n {4}at .*log\.test/,
    ),
    errorCode: '57P01',
  })
  expect(lines.slice(-2).join('')).not.toMatch(/amy@|token/)
  expect(`${failed.message} ${failed.stack} ${failed.params}`).not.toMatch(/amy@|token/)
})
