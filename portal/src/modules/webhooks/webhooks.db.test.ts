import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import type { Actor } from '#portal/platform/context.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { listRejections, listWebhooks } from './queries.ts'

type Person = Extract<Actor, { kind: 'user' }>

let t: TestApp
let http: TestHttp
let owner: Person
let admin: Person
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
  owner = await t.person('agency')
  admin = await t.person('admin')
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})
beforeEach(() => t.mux.misbehave(null))

const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const sign = (body: string, at = t.app.clock()) => t.mux.sign(body, { at })

/** Posts as a server does: no Origin, no cookie. */
const deliver = (body: string | Uint8Array, signature: string | null) =>
  fetch(`${http.origin}/api/webhooks/mux`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(signature ? { 'mux-signature': signature } : {}) },
    body: body as string,
  })

async function arrivedUpload() {
  const file = { filename: 'Heat 2.mp4', contentType: 'video/mp4', size: 1000 }
  const upload = await t.app.call(startUpload, file, t.app.newContext(owner))
  await fetch(upload.uploadUrl, { method: 'PUT', body: 'bytes' })
  const [{ provider_upload_id }] = await query('select provider_upload_id from uploads where id = $1', [
    upload.id,
  ])
  const provider = t.mux.uploads.get(provider_upload_id)!
  return { ...upload, provider, asset: t.mux.assets.get(provider.asset_id!)! }
}

const statusesOf = async (videoId: string) => {
  const [row] = await query(
    'select v.status as video, u.status as upload from videos v join uploads u on u.video_id = v.id where v.id = $1',
    [videoId],
  )
  return [row.upload, row.video]
}

describe('a genuine webhook', () => {
  it('[MUX-02] is stored and answered, then applied', async () => {
    const { asset, videoId } = await arrivedUpload()
    t.mux.finish(asset.id)
    const body = t.mux.event('video.asset.ready', asset)
    const answer = await deliver(body, sign(body))
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'stored' }])
    expect(await statusesOf(videoId)).toEqual(['created', 'waiting'])
    await runJobs(t)
    expect(await statusesOf(videoId)).toEqual(['ready', 'ready'])
    const [event] = await query('select * from webhook_events where id = $1', [JSON.parse(body).id])
    expect(event).toMatchObject({ outcome: 'applied', attempts: 1, received_count: 1, last_error: null })
  })

  it('[MUX-03] that comes again, signed anew, is acknowledged, and applied once', async () => {
    const { asset, videoId } = await arrivedUpload()
    t.mux.finish(asset.id)
    const body = t.mux.event('video.asset.ready', asset)
    const secondsAgo = (n: number) => new Date(t.app.clock().getTime() - n * 1000)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => deliver(body, sign(body, secondsAgo(n)))),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200))
    const words = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { status: string }).status),
    )
    expect(words.sort()).toEqual([...Array(7).fill('known'), 'stored'])
    await runJobs(t)
    await deliver(body, sign(body, secondsAgo(8)))
    await runJobs(t)
    expect(
      await query('select received_count, attempts from webhook_events where id = $1', [JSON.parse(body).id]),
    ).toEqual([{ received_count: 9, attempts: 1 }])
    const settled = (await t.events()).filter(
      (event) => event.target.id === videoId && event.action === 'upload.settle',
    )
    expect(settled).toHaveLength(1)
  })

  it('[MUX-02] is refused when the very same request comes again, at once or later, and does no harm', async () => {
    const { asset } = await arrivedUpload()
    const body = t.mux.event('video.asset.created', asset)
    const request = sign(body)
    const answers = await Promise.all(Array.from({ length: 6 }, () => deliver(body, request)))
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401, 401, 401, 401])
    await runJobs(t)
    t.advance(200_000)
    expect((await deliver(body, request)).status).toBe(401)
    // The same signature beside another: what counts is the request, not how its header is written.
    expect((await deliver(body, `${request},v1=${'0'.repeat(64)}`)).status).toBe(401)
    const id = JSON.parse(body).id
    expect(await query('select received_count, attempts from webhook_events where id = $1', [id])).toEqual([
      { received_count: 1, attempts: 1 },
    ])
    expect((await deliver(body, sign(body))).status).toBe(200)
  })

  it('[MUX-08] is kept without titles, URLs and playback IDs', async () => {
    const { asset, provider } = await arrivedUpload()
    const bodies = [
      t.mux.event('video.asset.created', asset),
      t.mux.event('video.upload.asset_created', provider),
    ]
    for (const body of bodies) expect((await deliver(body, sign(body))).status).toBe(200)
    const kept = JSON.stringify(
      await query('select body from webhook_events where object_id = any($1)', [[asset.id, provider.id]]),
    )
    expect(kept).toContain('asset_created')
    for (const secret of ['Heat 2', 'http', asset.playback_ids[0]!.id]) expect(kept).not.toContain(secret)
  })

  it('of a type or about a thing that nobody here knows is kept, and does no harm', async () => {
    const { asset } = await arrivedUpload()
    const foreign = { ...asset, id: 'somebody-elses', upload_id: 'nor-this', passthrough: 'nor-that' }
    const bodies = [
      t.mux.event('video.asset.warming_up', asset),
      t.mux.event('video.asset.ready', foreign as never),
    ]
    for (const body of bodies) await deliver(body, sign(body))
    await runJobs(t)
    const outcomes = await query('select outcome from webhook_events where id = any($1) order by outcome', [
      bodies.map((body) => JSON.parse(body).id),
    ])
    expect(outcomes.map((row) => row.outcome)).toEqual(['unknown_object', 'unknown_type'])
  })

  it('[MUX-03] that can not be applied keeps its attempts and its last error, and is applied when that passes', async () => {
    const { asset, videoId } = await arrivedUpload()
    t.mux.finish(asset.id)
    const body = t.mux.event('video.asset.ready', asset)
    t.mux.misbehave(500)
    expect((await deliver(body, sign(body))).status).toBe(200)
    await runJobs(t)
    const page = await t.app.call(listWebhooks, { state: 'failing' }, t.app.newContext(admin))
    expect(page.items).toMatchObject([
      {
        id: JSON.parse(body).id,
        attempts: 1,
        appliedAt: null,
        lastError: expect.stringMatching(/video service/),
      },
    ])
    t.mux.misbehave(null)
    t.advance(6_000)
    await t.app.runScheduledJob('webhooks.sweep')
    await runJobs(t)
    expect(await statusesOf(videoId)).toEqual(['ready', 'ready'])
    expect((await t.app.call(listWebhooks, { state: 'failing' }, t.app.newContext(admin))).items).toEqual([])
  })
})

describe('order and repetition', () => {
  it('[MUX-03] do not matter: any shuffle with duplicates ends in the state of the service', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ready', 'errored', 'deleted' as const),
        fc.shuffledSubarray([0, 1, 2, 3, 0, 3], { minLength: 1 }),
        fc.nat(3),
        async (end, order, changeAfter) => {
          const { asset, provider, videoId } = await arrivedUpload()
          const finish = () => {
            if (end === 'errored') t.mux.fail(asset.id, 'Not a video.')
            else t.mux.finish(asset.id)
            if (end === 'deleted') t.mux.assets.delete(asset.id)
          }
          const early = [
            t.mux.event('video.asset.created', asset),
            t.mux.event('video.upload.asset_created', provider),
          ]
          let changed = false
          const bodies = () => [
            ...early,
            t.mux.event('video.asset.updated', asset),
            t.mux.event(`video.asset.${end}`, asset),
          ]
          // Late events are only sent once the service has changed; early ones may come at any time.
          for (const [at, which] of order.entries()) {
            if (!changed && (at >= changeAfter || which >= 2)) {
              finish()
              changed = true
            }
            const body = bodies()[which]!
            // A repetition is signed anew; within one second it would be the very same request, which is refused.
            t.advance(1000)
            await deliver(body, sign(body))
            if (at % 2 === 0) await runJobs(t)
          }
          if (!changed) finish()
          const last = t.mux.event(`video.asset.${end}`, asset)
          await deliver(last, sign(last))
          await runJobs(t)
          const wanted = { ready: ['ready', 'ready'], errored: ['failed', 'failed'] }
          const found = await statusesOf(videoId)
          if (end === 'deleted') expect(found[1]).toBe('deleted')
          else expect(found).toEqual(wanted[end])
        },
      ),
      { numRuns: 15, endOnFailure: true },
    )
  }, 120_000)
})

describe('a webhook that does not verify', () => {
  const forgeries: [string, () => [string | Uint8Array, string | null]][] = [
    ['without a signature', () => ['{"id":"1","type":"video.asset.ready"}', null]],
    [
      'signed by somebody else',
      () => ['{"id":"1"}', t.mux.sign('{"id":"1"}', { at: t.app.clock(), secret: 'a guess' })],
    ],
    [
      'six minutes old',
      () => ['{"id":"1"}', sign('{"id":"1"}', new Date(t.app.clock().getTime() - 360_000))],
    ],
    [
      'six minutes ahead',
      () => ['{"id":"1"}', sign('{"id":"1"}', new Date(t.app.clock().getTime() + 360_000))],
    ],
    ['truncated', () => ['{"id":"1","type":"t"', sign('{"id":"1","type":"t"}')]],
    ['with a body of its own under a genuine signature', () => ['{"id":"2"}', sign('{"id":"1"}')]],
    ['no text at all', () => [new Uint8Array([0xff, 0xfe, 0x00, 0xc3, 0x28]), sign('x')]],
    ['empty', () => ['', null]],
  ]

  it.each(forgeries)('[MUX-02] %s: 401, metadata alone, an event and an alert', async (_, forge) => {
    const before = await t.app.call(listRejections, {}, t.app.newContext(admin))
    const [body, signature] = forge()
    const answer = await deliver(body, signature)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const requestId = answer.headers.get('x-request-id') ?? (await answer.json()).instance.split(':').at(-1)
    const after = await t.app.call(listRejections, {}, t.app.newContext(admin))
    expect(after.items.length).toBe(before.items.length + 1)
    expect(after.items[0]).toMatchObject({ requestId, bodyBytes: Buffer.byteLength(body) })
    const told = (await t.events()).filter(({ target }) => target.id === requestId)
    expect(told).toMatchObject([{ action: 'webhook.reject', outcome: 'refused' }])
    const alerts = await query(
      "select count from alerts where key like 'webhook.reject:%' and resolved_at is null",
    )
    expect(alerts.length).toBeGreaterThan(0)
  })

  it('[MUX-02] too large is 413, unread', async () => {
    const answer = await deliver('x'.repeat(1024 * 1024 + 1), 'anything')
    expect(answer.status).toBe(413)
    const [last] = (await t.app.call(listRejections, {}, t.app.newContext(admin))).items
    expect(last).toMatchObject({ reason: 'too_large', bodyBytes: 1024 * 1024 + 1 })
  })

  it('[MUX-02] signed, and no event, is 400', async () => {
    for (const body of ['[]', 'null', '{"id":1}', 'not json']) {
      expect((await deliver(body, sign(body))).status, body).toBe(400)
    }
  })

  it('[MUX-02] none of 200 forgeries is stored or applied', async () => {
    const { asset, videoId } = await arrivedUpload()
    t.mux.finish(asset.id)
    const genuine = t.mux.event('video.asset.ready', asset)
    const [{ count: before }] = await query('select count(*) from webhook_events')
    const forge = (n: number) => {
      const hex = randomBytes(32).toString('hex')
      const t0 = Math.floor(t.app.clock().getTime() / 1000) + (n % 7) - 3
      return deliver(genuine, n % 2 ? `t=${t0},v1=${hex}` : `t=${t0},v1=${hex},v1=${hex.slice(0, 63)}`)
    }
    for (let batch = 0; batch < 20; batch++) {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => forge(batch * 10 + n)))
      expect(answers.every((answer) => answer.status === 401)).toBe(true)
    }
    await runJobs(t)
    expect(await query('select count(*) from webhook_events')).toEqual([{ count: before }])
    expect(await statusesOf(videoId)).toEqual(['created', 'waiting'])
  }, 60_000)
})

describe('who may look', () => {
  it('administrators alone', async () => {
    for (const operation of [listWebhooks, listRejections] as const) {
      await expect(
        t.app.call(operation as typeof listWebhooks, {}, t.app.newContext(owner)),
      ).rejects.toMatchObject({ code: 'forbidden' })
    }
  })
})

describe('age', () => {
  it('[MUX-08] ends after 90 days', async () => {
    const { asset } = await arrivedUpload()
    const body = t.mux.event('video.asset.created', asset)
    await deliver(body, sign(body))
    await runJobs(t)
    t.advance(91 * 86_400_000)
    await t.app.runScheduledJob('privacy.retention')
    await runJobs(t)
    expect(await query('select id from webhook_events')).toEqual([])
    expect(await query('select id from webhook_rejections')).toEqual([])
  })
})
