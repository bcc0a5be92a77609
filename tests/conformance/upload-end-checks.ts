import assert from 'node:assert/strict'
import { type Check, check, ownCheck, until } from './check.ts'
import { askReceived, MIB, newUpload, put, putSlice, randomFile } from './upload-client.ts'
import { assertOneAsset, assertSameBytes, sendFrom, statusOf } from './upload-proofs.ts'

const CHUNK = 256 * 1024

/** Rules U8 to U16 of the contract, and what else ends an upload or keeps it from ending. */
export const uploadEndChecks: Check[] = [
  check('U8 another total is refused with 400', async (target) => {
    const file = randomFile(2 * CHUNK)
    const { url } = await newUpload(target)
    await putSlice(url, file, 0, CHUNK)
    const other = await put(url, {
      range: `bytes ${CHUNK}-${2 * CHUNK - 1}/${3 * CHUNK}`,
      body: file.subarray(CHUNK),
    })
    assert.equal(other?.status, 400)
    assert.equal((await put(url, { range: `bytes */${3 * CHUNK}` }))?.status, 400)
    assert.equal((await putSlice(url, file, CHUNK, 2 * CHUNK))?.status, 200)
  }),
  ownCheck(
    'U8 a file over the limit is refused with 413 and a reason, however it is sent',
    async (target, own) => {
      const tooMany = own.maxUploadBytes + 1
      const declared = await newUpload(target)
      const first = await put(declared.url, {
        range: `bytes 0-${CHUNK - 1}/${tooMany}`,
        body: randomFile(CHUNK),
      })
      assert.equal(first?.status, 413)
      const whole = await newUpload(target)
      assert.equal(
        (await put(whole.url, { length: tooMany, body: randomFile(CHUNK), stallAfter: CHUNK }))?.status,
        413,
      )
      const unknown = await newUpload(target)
      assert.equal((await put(unknown.url, { chunked: true, body: Buffer.alloc(tooMany) }))?.status, 413)
      for (const { id } of [declared, whole, unknown]) {
        const upload = await statusOf(target, id)
        assert.equal(upload.status, 'errored')
        assert.match(upload.error?.message ?? '', /larger than 67.1 MB/)
      }
    },
  ),
  check('U9 chunks need not be multiples of 256 KiB', async (target) => {
    const file = randomFile(70_001)
    const { id, url } = await newUpload(target)
    const first = await putSlice(url, file, 0, 33_333)
    assert.deepEqual([first?.status, first?.received], [308, 33_333])
    assert.equal((await putSlice(url, file, 33_333, file.length))?.status, 200)
    await assertSameBytes(target, id, file)
  }),
  check('U10 after the end: 200 without a second asset; cancelled 410; unknown 404', async (target) => {
    const file = randomFile(CHUNK)
    const { id, url } = await newUpload(target)
    await put(url, { body: file })
    const assetId = await assertOneAsset(target, id)
    for (const again of [{ body: file }, { range: 'bytes */*' }, { body: randomFile(5) }]) {
      assert.equal((await put(url, again))?.status, 200)
    }
    assert.equal(await assertOneAsset(target, id), assetId)
    const cancelled = await newUpload(target)
    await target.mux.video.uploads.cancel(cancelled.id)
    assert.equal((await put(cancelled.url, { body: file }))?.status, 410)
    assert.equal(
      (await put(`${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`, { body: file }))?.status,
      404,
    )
  }),
  check('U12 two writers at once: whoever comes later goes on, and no byte is mixed', async (target) => {
    const file = randomFile(8 * MIB)
    const { id, url } = await newUpload(target)
    await Promise.all([sendFrom(url, file, MIB), sendFrom(url, file, 3 * MIB)])
    await assertOneAsset(target, id)
    await assertSameBytes(target, id, file)
  }),
  check('U12 a client that comes back is not held up by its own dead connection', async (target) => {
    const file = randomFile(2 * MIB)
    const { id, url } = await newUpload(target)
    // Half open: the first connection never says that it is gone.
    const dead = putSlice(url, file, 0, file.length, { stallAfter: MIB })
    await until('the first bytes', async () => (await askReceived(url, file.length)) > 0)
    await sendFrom(url, file, file.length)
    // Ended for the one that came back: one that is too slow would be told so, twenty seconds later.
    assert.equal(await dead, null)
    await assertSameBytes(target, id, file)
  }),
  ownCheck('U13 completion makes one asset and both events', async (target, own) => {
    const file = randomFile(CHUNK)
    const { id, url } = await newUpload(target, { playback_policies: ['signed'], passthrough: 'job-1' })
    // The last chunk twice at the same time, as an impatient client does.
    await Promise.all([put(url, { body: file }), put(url, { body: file })])
    await until('completion', async () => (await put(url, { range: 'bytes */*' }))?.status === 200)
    const assetId = await assertOneAsset(target, id)
    const types = await until('both events', () => {
      const found = own.sink.received.filter(({ event }) => [id, assetId].includes(event.object.id))
      const names = new Set(found.map(({ event }) => event.type))
      return names.has('video.asset.created') && names.has('video.upload.asset_created') ? names : null
    })
    assert.ok(types.has('video.upload.created'))
    const created = own.sink.received.find(
      ({ event }) => event.type === 'video.asset.created' && event.object.id === assetId,
    )
    assert.equal(created?.event.data.upload_id, id)
    assert.equal(created?.event.data.passthrough, 'job-1')
    assert.equal(typeof created?.event.data.created_at, 'number')
  }),
  check('U14 timeout must lie between 60 seconds and 7 days', async (target) => {
    for (const timeout of [59, 604_801]) {
      await assert.rejects(
        target.mux.video.uploads.create({ cors_origin: '*', timeout }),
        (error: { status?: number }) => error.status === 400,
      )
    }
    assert.equal(
      (await target.mux.video.uploads.create({ cors_origin: '*', timeout: 604_800 })).timeout,
      604_800,
    )
    assert.equal((await target.mux.video.uploads.create({ cors_origin: '*' })).timeout, 3600)
  }),
  ownCheck(
    'U15 cancel: from waiting 200 and an event, then 403; a running stream ends',
    async (target, own) => {
      const file = randomFile(MIB)
      const { id, url } = await newUpload(target)
      const running = putSlice(url, file, 0, file.length, { stallAfter: CHUNK })
      await until('the first bytes', async () => (await askReceived(url, file.length)) > 0)
      assert.equal((await target.mux.video.uploads.cancel(id)).status, 'cancelled')
      assert.notEqual((await running)?.status, 200)
      await assert.rejects(
        target.mux.video.uploads.cancel(id),
        (error: { status?: number }) => error.status === 403,
      )
      await until('the event', () =>
        own.sink.received.some(
          ({ event }) => event.type === 'video.upload.cancelled' && event.object.id === id,
        ),
      )
      await until(
        'its bytes to be gone',
        async () => !(await own.files()).some(({ path }) => path.includes(id)),
      )
    },
  ),
  ownCheck('U16 a restart in the middle loses nothing, nor does a crash', async (target, own) => {
    const file = randomFile(9 * MIB + 1)
    const { id, url } = await newUpload(target)
    for (const end of ['restart', 'crash', 'crash'] as const) {
      const start = await askReceived(url, file.length)
      const acknowledged = await putSlice(url, file, start, start + MIB)
      assert.equal(acknowledged?.received, start + MIB)
      const running = putSlice(url, file, start + MIB, file.length, { stallAfter: MIB })
      await until('more bytes', async () => (await askReceived(url, file.length)) > start + MIB)
      await own[end]()
      await running
      assert.ok((await askReceived(url, file.length)) >= start + MIB)
    }
    await sendFrom(url, file, 2 * MIB)
    await assertOneAsset(target, id)
    await assertSameBytes(target, id, file)
  }),
  ownCheck(
    'U16 bytes that all arrived before a crash become an asset when the client asks',
    async (target, own) => {
      const file = randomFile(MIB)
      const { id, url } = await newUpload(target)
      const running = put(url, { range: `bytes 0-${MIB - 1}/*`, body: file })
      assert.equal((await running)?.received, MIB)
      await own.crash()
      assert.equal((await put(url, { range: `bytes */${MIB}` }))?.status, 200)
      await assertOneAsset(target, id)
      await assertSameBytes(target, id, file)
    },
  ),
  check('a file of 0 bytes fails with a reason that people understand', async (target) => {
    for (const options of [{}, { range: 'bytes */0' }]) {
      const { id, url } = await newUpload(target)
      const answer = await put(url, options)
      assert.equal(answer?.status, 400)
      assert.match(answer.text, /The file is empty/)
      const upload = await statusOf(target, id)
      assert.equal(upload.status, 'errored')
      assert.match(upload.error?.message ?? '', /The file is empty/)
      assert.equal((await put(url, { body: randomFile(10) }))?.status, 410)
    }
  }),
  check('malformed Content-Range headers are refused with 400 and store nothing', async (target) => {
    const { url } = await newUpload(target)
    const body = randomFile(10)
    for (const range of [
      'bytes 0-9',
      'bytes 9-0/10',
      'bytes a-b/c',
      'items 0-9/10',
      'bytes 0-9/0x10',
      'bytes -1-9/10',
    ]) {
      assert.equal((await put(url, { range, body }))?.status, 400, range)
    }
    assert.equal(
      (await put(url, { range: 'bytes 0-99/100', body }))?.status,
      400,
      'a body shorter than its range',
    )
    assert.equal(await askReceived(url, 10), 0)
  }),
  ownCheck('a stream slower than the minimum rate is ended, and can be gone on with', async (target, own) => {
    // Only here: a machine that stands still for two seconds makes every stream a slow one.
    await own.restart({ ENGINE_UPLOAD_RATE_WINDOW_MS: '2000' })
    try {
      const file = randomFile(MIB)
      const { id, url } = await newUpload(target)
      const slow = await putSlice(url, file, 0, file.length, { stallAfter: 100_000 })
      assert.equal(slow?.status, 408)
      assert.equal(await askReceived(url, file.length), 100_000)
      await sendFrom(url, file, MIB)
      await assertSameBytes(target, id, file)
    } finally {
      await own.restart()
    }
  }),
]
