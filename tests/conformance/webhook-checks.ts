import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { type Check, check, ownCheck, until } from './check.ts'
import type { OwnEngine, Target } from './target.ts'
import { newUpload } from './upload-client.ts'
import { makeClip, sharedVideo, uploadVideo, waitForStatus } from './video-client.ts'
import { startWebhookSink } from './webhook-sink.ts'

const eventsOf = (own: OwnEngine, id: string) =>
  own.sink.received.filter(({ event }) => event.object.id === id)

async function firstEvent(target: Target, own: OwnEngine) {
  const { id } = await newUpload(target)
  return until('an event', () => eventsOf(own, id)[0])
}

/** A new upload whose events get this answer so many times; marked, as its id is known only after they are sent. */
async function uploadAnswered(target: Target, own: OwnEngine, status: number, times: number) {
  const passthrough = randomUUID()
  let left = times
  own.sink.answerWith(status, ({ data }) => {
    const settings = data.new_asset_settings as { passthrough?: string } | undefined
    return settings?.passthrough === passthrough && left-- > 0
  })
  return newUpload(target, { passthrough })
}

export const webhookChecks: Check[] = [
  ownCheck('events verify with the SDK, and changed or stale ones do not', async (target, own) => {
    const { body, headers } = await firstEvent(target, own)
    const { webhooks } = target.mux
    await webhooks.verifySignature(body, headers, own.webhookSecret)
    const event = await webhooks.unwrap(body, headers, own.webhookSecret)
    assert.equal(event.type, 'video.upload.created')
    await assert.rejects(webhooks.verifySignature(`${body} `, headers, own.webhookSecret))
    await assert.rejects(webhooks.verifySignature(body, headers, `${own.webhookSecret}x`))
    const old = Math.floor(Date.now() / 1000) - 310
    const signature = createHmac('sha256', own.webhookSecret).update(`${old}.${body}`).digest('hex')
    await assert.rejects(
      webhooks.verifySignature(body, { 'mux-signature': `t=${old},v1=${signature}` }, own.webhookSecret),
      /too old/,
    )
  }),
  ownCheck('the envelope is Mux’s', async (target, own) => {
    const { event } = await firstEvent(target, own)
    assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.match(event.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    const { environment, attempts, request_id, accessor, accessor_source } = event as unknown as Record<
      string,
      unknown
    >
    assert.deepEqual(Object.keys(environment as object).sort(), ['id', 'name'])
    assert.deepEqual([attempts, request_id, accessor, accessor_source], [[], null, null, null])
    assert.ok(!JSON.stringify(event.data).includes('/upload/'), 'the upload URL is a secret and stays out')
  }),
  ownCheck('asset events carry the whole asset, instants as integers', async (target, own) => {
    const { assetId, playbackId } = await sharedVideo(target)
    const ready = await until('video.asset.ready', () =>
      eventsOf(own, assetId).find(({ event }) => event.type === 'video.asset.ready'),
    )
    const { data } = ready.event
    assert.equal(data.status, 'ready')
    assert.equal(typeof data.created_at, 'number')
    assert.equal(typeof data.duration, 'number')
    assert.deepEqual(data.playback_ids, [{ id: playbackId, policy: 'signed' }])
  }),
  ownCheck('an errored asset is told of', async (target, own) => {
    const { assetId } = await uploadVideo(target, Buffer.from('no video'))
    await waitForStatus(target, assetId, 'errored')
    const { event } = await until('video.asset.errored', () =>
      eventsOf(own, assetId).find((each) => each.event.type === 'video.asset.errored'),
    )
    assert.equal((event.data.errors as { type: string }).type, 'invalid_input')
  }),
  ownCheck(
    'a refused delivery is tried again after 5 seconds, with the same id and a fresh signature',
    async (target, own) => {
      const { id } = await uploadAnswered(target, own, 500, 1)
      const [first, second] = await until('the second attempt', () => {
        const seen = eventsOf(own, id)
        return seen.length >= 2 ? seen : null
      })
      assert.equal(second!.event.id, first!.event.id)
      assert.notEqual(second!.headers['mux-signature'], first!.headers['mux-signature'])
      const { attempts } = second!.event as unknown as { attempts: { response_status_code: number }[] }
      assert.deepEqual(
        attempts.map((attempt) => attempt.response_status_code),
        [500],
      )
    },
  ),
  ownCheck('a delivery that was not acknowledged survives a crash', async (target, own) => {
    const { id } = await uploadAnswered(target, own, 503, 1)
    await until('the first attempt', () => eventsOf(own, id).length > 0)
    await own.crash()
    await until('the second attempt', () => eventsOf(own, id).length >= 2)
  }),
  ownCheck('a webhook of one asset is not held up by another’s that hangs', async (target, own) => {
    const clip = await makeClip(2)
    const { id } = await uploadAnswered(target, own, 0, Number.POSITIVE_INFINITY)
    await until('one to hang', () => eventsOf(own, id).length > 0)
    const { assetId } = await uploadVideo(target, clip)
    await until('the other’s event', () => eventsOf(own, assetId).length > 0)
    assert.ok(eventsOf(own, id)[0]?.open, 'it came while the other still hung')
  }),
  ownCheck(
    'a webhook of the API gets its own signed events; its secret is in one answer only',
    async (target) => {
      const sink = await startWebhookSink()
      const { webhooks } = target.mux.system
      const made = await webhooks.create({ address: sink.url })
      assert.ok(made.signing_secret && made.enabled)
      assert.ok(!('signing_secret' in (await webhooks.retrieve(made.id))))
      for await (const each of webhooks.list({ limit: 1 })) assert.ok(!('signing_secret' in each))
      const { id } = await newUpload(target)
      const { body, headers } = await until('its event', () =>
        sink.received.find((each) => each.event.object.id === id),
      )
      const event = await target.mux.webhooks.unwrap(body, headers, made.signing_secret)
      assert.equal(event.type, 'video.upload.created')
      await webhooks.delete(made.id)
      await assert.rejects(webhooks.retrieve(made.id), { status: 404 })
      await assert.rejects(webhooks.delete(made.id), { status: 404 })
      await sink.stop()
    },
  ),
  ownCheck('webhooks are disabled, moved and refused as Mux does', async (target, own) => {
    const { webhooks } = target.mux.system
    const [one, other] = [await startWebhookSink(), await startWebhookSink()]
    const made = await webhooks.create({ address: one.url })
    await assert.rejects(webhooks.create({ address: one.url }), { status: 400 })
    await assert.rejects(webhooks.create({ address: own.sink.url }), { status: 400 })
    await assert.rejects(webhooks.update(made.id, {}), { status: 400 })
    assert.equal((await webhooks.update(made.id, { enabled: false })).enabled, false)
    const unseen = await newUpload(target)
    const moved = await webhooks.update(made.id, { enabled: true, address: other.url })
    assert.deepEqual([moved.enabled, moved.address, moved.id], [true, other.url, made.id])
    const seen = await newUpload(target)
    await until('the event at the new address', () =>
      other.received.some(({ event }) => event.object.id === seen.id),
    )
    assert.ok(![...one.received, ...other.received].some(({ event }) => event.object.id === unseen.id))
    await webhooks.delete(made.id)
    await Promise.all([one.stop(), other.stop()])
  }),
  check('webhooks can’t be pointed at the engine’s own networks', async (target) => {
    const addresses = [
      'http://127.0.0.2/',
      'http://10.1.2.3/',
      'http://169.254.169.254/latest',
      'http://[::1]/',
    ]
    for (const address of [...addresses, 'http://localhost/', 'ftp://example.com/', 'nonsense', '']) {
      await assert.rejects(target.mux.system.webhooks.create({ address }), { status: 400 }, address)
    }
  }),
  ownCheck('in test mode each event comes twice, late and out of order', async (target, own) => {
    await own.restart({ ENGINE_TEST_MODE: 'shuffle-webhooks', ENGINE_TEST_WEBHOOK_DELAY_MS: '1500' })
    try {
      const uploads = await Promise.all(Array.from({ length: 8 }, () => newUpload(target)))
      const ids = new Set(uploads.map(({ id }) => id))
      const seen = await until('sixteen deliveries', () => {
        const all = own.sink.received.filter(({ event }) => ids.has(event.object.id))
        return all.length >= 16 ? all : null
      })
      assert.equal(new Set(seen.map(({ event }) => event.id)).size, 8)
      const order = seen.map(({ event }) => event.created_at)
      assert.notDeepEqual(order, order.toSorted())
    } finally {
      await own.restart()
    }
  }),
  ownCheck('a changed asset is told of', async (target, own) => {
    const { assetId } = await sharedVideo(target)
    const passthrough = randomUUID()
    await target.mux.video.assets.update(assetId, { passthrough })
    const { event } = await until('video.asset.updated', () =>
      eventsOf(own, assetId).find(
        (each) => each.event.type === 'video.asset.updated' && each.event.data.passthrough === passthrough,
      ),
    )
    assert.equal(event.object.type, 'asset')
  }),
]
