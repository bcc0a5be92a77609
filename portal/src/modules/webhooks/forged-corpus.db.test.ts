import { createHmac, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

type Request = { body: string | Uint8Array; signature?: string; headers?: [string, string][] }

const seconds = (shift = 0) => Math.floor(t.app.clock().getTime() / 1000) + shift
const hmac = (algorithm: string, text: string, secret = t.mux.credentials.webhookSecret) =>
  createHmac(algorithm, secret).update(text).digest('hex')
/** A header over this body, right but for what is changed about it. */
const signed = (body: string, { at = seconds(), secret = t.mux.credentials.webhookSecret } = {}) =>
  `t=${at},v1=${hmac('sha256', `${at}.${body}`, secret)}`
const event = () =>
  JSON.stringify({
    id: randomUUID(),
    type: 'video.asset.ready',
    created_at: '2026-11-21T10:00:00.000000Z',
    object: { type: 'asset', id: 'a' },
    data: { id: 'a', status: 'ready' },
  })

const send = async ({ body, signature, headers = [] }: Request): Promise<number> => {
  const answer = await fetch(`${http.origin}/api/webhooks/mux`, {
    method: 'POST',
    headers: [
      ['content-type', 'application/json'],
      ...(signature === undefined ? [] : [['mux-signature', signature] as [string, string]]),
      ...headers,
    ],
    body: body as string,
  })
  await answer.arrayBuffer()
  return answer.status
}

const counted = async () =>
  Number(
    (await t.app.pool.query('select coalesce(sum(count), 0) as n from webhook_rejection_counts')).rows[0].n,
  )
const stored = async () =>
  (await t.app.pool.query('select count(*) as n from webhook_events')).rows[0].n as number

/** What is written on the wire, by hand: what no client library would send. */
function sendRaw(lines: string[], body: string | Buffer, options: { close?: boolean } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, host } = new URL(http.origin)
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(
        [`POST /api/webhooks/mux HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...lines, '', ''].join(
          '\r\n',
        ),
        'latin1',
      )
      socket.write(body)
      if (options.close) socket.end()
    })
    let answer = ''
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1')
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(answer) : reject(error),
    )
  })
}

/** Forgeries that have a name. Each is all wrong in one way. */
const NAMED: Record<string, (body: string) => Request> = {
  'no signature': (body) => ({ body }),
  'an empty signature': (body) => ({ body, signature: '' }),
  'the wrong secret': (body) => ({ body, signature: signed(body, { secret: 'a guess' }) }),
  'an empty secret': (body) => ({
    body,
    signature: `t=${seconds()},v1=${hmac('sha256', `${seconds()}.${body}`, '')}`,
  }),
  'another body': (body) => ({ body: event(), signature: signed(body) }),
  'a body with one more blank': (body) => ({ body: `${body} `, signature: signed(body) }),
  'a body re-encoded': (body) => ({
    body: JSON.stringify(JSON.parse(body), null, 1),
    signature: signed(body),
  }),
  'a body with a byte-order mark': (body) => ({ body: `\uFEFF${body}`, signature: signed(body) }),
  'a body cut short': (body) => ({ body: body.slice(0, -10), signature: signed(body) }),
  'no body': (body) => ({ body: '', signature: signed(body) }),
  'a key twice, the signed one last': (body) => ({
    body: body.replace('{', '{"type":"video.asset.deleted",'),
    signature: signed(body),
  }),
  'stale by a second': (body) => ({ body, signature: signed(body, { at: seconds(-301) }) }),
  'a day old': (body) => ({ body, signature: signed(body, { at: seconds(-86_400) }) }),
  'ahead by a second': (body) => ({ body, signature: signed(body, { at: seconds(302) }) }),
  'an hour ahead': (body) => ({ body, signature: signed(body, { at: seconds(3600) }) }),
  'a time beyond all time': (body) => ({ body, signature: signed(body, { at: 9e15 }) }),
  'a time in milliseconds': (body) => ({ body, signature: signed(body, { at: seconds() * 1000 }) }),
  'a fresh time over an old signature': (body) => ({
    body,
    signature: signed(body, { at: seconds(-86_400) }).replace(/t=\d+/, `t=${seconds()}`),
  }),
  'a time with a tail': (body) => ({ body, signature: signed(body).replace(',', 'x,') }),
  'two times': (body) => ({ body, signature: `t=1,${signed(body)}` }),
  'no time': (body) => ({ body, signature: signed(body).replace(/t=\d+,/, '') }),
  'a negative time': (body) => ({ body, signature: signed(body).replace('t=', 't=-') }),
  'another algorithm under its name': (body) => ({ body, signature: signed(body).replace('v1=', 'v2=') }),
  'the scheme before': (body) => ({ body, signature: signed(body).replace('v1=', 'v0=') }),
  'SHA-1': (body) => ({ body, signature: `t=${seconds()},v1=${hmac('sha1', `${seconds()}.${body}`)}` }),
  'SHA-512': (body) => ({ body, signature: `t=${seconds()},v1=${hmac('sha512', `${seconds()}.${body}`)}` }),
  'SHA-512, cut': (body) => ({
    body,
    signature: `t=${seconds()},v1=${hmac('sha512', `${seconds()}.${body}`).slice(0, 64)}`,
  }),
  'no time under the signature': (body) => ({ body, signature: `t=${seconds()},v1=${hmac('sha256', body)}` }),
  'no dot under the signature': (body) => ({
    body,
    signature: `t=${seconds()},v1=${hmac('sha256', `${seconds()}${body}`)}`,
  }),
  base64: (body) => ({
    body,
    signature: `t=${seconds()},v1=${Buffer.from(hmac('sha256', `${seconds()}.${body}`), 'hex').toString('base64')}`,
  }),
  'capital letters': (body) => ({
    body,
    signature: signed(body).replace(/v1=.*/, (hex) => `v1=${hex.slice(3).toUpperCase()}`),
  }),
  'half a signature': (body) => ({ body, signature: signed(body).slice(0, -32) }),
  'a signature and a half': (body) => ({ body, signature: `${signed(body)}00` }),
  semicolons: (body) => ({ body, signature: signed(body).replace(',', ';') }),
  'JSON for a header': (body) => ({ body, signature: `{"t":${seconds()},"v1":"${hmac('sha256', body)}"}` }),
  'a thousand guesses': (body) => ({
    body,
    signature: `t=${seconds()},${Array.from({ length: 20 }, (_, n) => `v1=${n.toString(16).padStart(64, '0')}`).join(',')}`,
  }),
  'a header without end': (body) => ({ body, signature: `${signed(body)},${'v1=0,'.repeat(1500)}` }),
  'a header of another name': (body) => ({ body, headers: [['x-mux-signature', signed(body)]] }),
  'a bearer in its place': (body) => ({ body, headers: [['authorization', `Bearer mmk_${'a'.repeat(40)}`]] }),
  'a session in its place': (body) => ({ body, headers: [['cookie', '__Host-mm.session_token=forged']] }),
  'a page of elsewhere': (body) => ({
    body,
    headers: [
      ['origin', 'https://evil.example'],
      ['sec-fetch-site', 'cross-site'],
    ],
  }),
  'bytes that are no text': (body) => ({
    body: Uint8Array.from([0x7b, 0xff, 0xfe, 0xc3, 0x28, 0x7d]),
    signature: signed(body),
  }),
  'another alphabet': (body) => ({ body: body.replace('ready', 'rеady'), signature: signed(body) }),
  huge: () => ({ body: 'x'.repeat(1024 * 1024 + 1), signature: signed('x') }),
}

describe('the forged corpus', () => {
  it.each(Object.keys(NAMED))('[MUX-02] [ASVS-16.3.3] %s: refused, counted, not stored', async (name) => {
    const before = [await counted(), await stored()]
    const status = await send(NAMED[name]!(event()))
    expect([401, 413]).toContain(status)
    expect([await counted(), await stored()]).toEqual([before[0]! + 1, before[1]])
  })

  it('[MUX-02] two signature headers, a body cut off, one without end: refused, counted, not stored', async () => {
    const body = event()
    const length = `Content-Length: ${Buffer.byteLength(body)}`
    const before = [await counted(), await stored()]
    const raw: [string[], string | Buffer, { close?: boolean }?][] = [
      [[length, `Mux-Signature: ${signed(body)}`, `Mux-Signature: ${signed(body)}`], body],
      [[length, 'Mux-Signature: t=1,v1=0', `Mux-Signature: ${signed(body)}`], body],
      [[length, `mux-signature: ${signed(body).replace('v1', 'v1\xe9')}`], body],
      [[length, `Mux-Signature: ${signed(body)}`], body.slice(0, 20), { close: true }],
      [
        ['Transfer-Encoding: chunked', `Mux-Signature: ${signed(body)}`],
        `100001\r\n${'x'.repeat(0x100001)}\r\n0\r\n\r\n`,
      ],
      [['Transfer-Encoding: chunked', `Mux-Signature: ${signed(body)}`], '5\r\nhello', { close: true }],
    ]
    for (const [lines, text, options] of raw)
      expect(await sendRaw(lines, text, options)).not.toMatch(/^HTTP\/1.1 2/)
    await expect.poll(counted, { timeout: 20_000 }).toBe(before[0]! + raw.length)
    expect(await stored()).toBe(before[1])
  })

  it('[MUX-02] 400 forgeries made at random from genuine requests: all refused, all counted, none stored', async () => {
    const digits = fc.stringMatching(/^[0-9a-f]{64}$/)
    const change: fc.Arbitrary<(body: string) => Request> = fc.oneof(
      fc.tuple(fc.nat(), fc.integer({ min: 32, max: 126 })).map(([at, code]) => (body: string) => {
        const place = at % body.length
        const by = String.fromCharCode(code === body.charCodeAt(place) ? code - 1 || 126 : code)
        return { body: body.slice(0, place) + by + body.slice(place + 1), signature: signed(body) }
      }),
      fc
        .string({ minLength: 1, maxLength: 60 })
        .map((secret) => (body: string) => ({ body, signature: signed(body, { secret }) })),
      fc
        .integer({ min: 302, max: 10 ** 9 })
        .map((by) => (body: string) => ({ body, signature: signed(body, { at: seconds(by) }) })),
      fc
        .integer({ min: 302, max: 10 ** 9 })
        .map((by) => (body: string) => ({ body, signature: signed(body, { at: seconds(-by) }) })),
      fc.array(digits, { maxLength: 12 }).map((all) => (body: string) => ({
        body,
        signature: [`t=${seconds()}`, ...all.map((hex) => `v1=${hex}`)].join(','),
      })),
      fc
        .tuple(fc.nat(), fc.constantFrom('', '0', ',', '=', ' ', 'v', 't'))
        .map(([at, by]) => (body: string) => {
          const header = signed(body)
          // From the signature on: a changed blank elsewhere may leave it as it was.
          const place = header.indexOf('v1=') + 3 + (at % 64)
          const made = header.slice(0, place) + by + header.slice(place + 1)
          return { body, signature: made === header ? `${header}0` : made }
        }),
      fc
        .uint8Array({ minLength: 1, maxLength: 300 })
        .map((bytes) => (body: string) => ({ body: bytes, signature: signed(body) })),
      fc
        .string({ unit: 'binary', maxLength: 200 })
        .map((text) => (body: string) => ({ body: text, signature: signed(body) })),
      fc
        .string({ maxLength: 300 })
        .map((text) => (body: string) => ({ body, signature: encodeURI(text.toWellFormed()) })),
    )
    const before = [await counted(), await stored()]
    const statuses: number[] = []
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 20, maxLength: 20 }), async (changes) => {
        const answers = await Promise.all(changes.map((forge) => send(forge(event()))))
        statuses.push(...answers)
        expect(answers.every((status) => status === 401)).toBe(true)
      }),
      { numRuns: 20, endOnFailure: true },
    )
    expect(statuses.length).toBeGreaterThanOrEqual(400)
    expect([await counted(), await stored()]).toEqual([before[0]! + statuses.length, before[1]])
  }, 120_000)

  it('[MUX-02] a genuine request, repeated by whoever overheard it: refused and counted each time', async () => {
    const body = event()
    const signature = signed(body)
    expect(await send({ body, signature })).toBe(200)
    const before = [await counted(), await stored()]
    const again = await Promise.all(Array.from({ length: 10 }, () => send({ body, signature })))
    expect(again).toEqual(Array(10).fill(401))
    expect([await counted(), await stored()]).toEqual([before[0]! + 10, before[1]])
  })

  it('[MUX-02] a flood fills neither log nor table: the first of an hour are written down, all are counted', async () => {
    const written = async () => {
      const { rows } = await t.app.pool.query(
        `select (select count(*) from webhook_rejections)::int as rows,
           (select count(*) from audit_events where entry like '%webhook.reject%')::int as events`,
      )
      return rows[0] as { rows: number; events: number }
    }
    t.advance(3_600_000)
    const [before, countedBefore] = [await written(), await counted()]
    for (let batch = 0; batch < 15; batch += 1)
      await Promise.all(Array.from({ length: 40 }, () => send({ body: '{}', signature: 't=1,v1=0' })))
    expect((await counted()) - countedBefore).toBe(600)
    expect((await written()).rows - before.rows).toBe(200)
    expect((await written()).events - before.events).toBe(200)
  }, 60_000)
})
