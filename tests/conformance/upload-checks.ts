import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { type Check, check, until } from './check.ts'
import { askReceived, MIB, newUpload, put, putSlice, randomFile } from './upload-client.ts'
import { assertOneAsset, assertSameBytes, sendFrom } from './upload-proofs.ts'

const CHUNK = 256 * 1024

/** Rules U1 to U7 of the contract: how bytes get in. */
export const uploadChecks: Check[] = [
  check('U1 a preflight is answered 204 with the upload’s own origin', async (target) => {
    const { url } = await newUpload(target)
    const answer = await put(url, { method: 'OPTIONS' })
    assert.equal(answer?.status, 204)
    assert.equal(answer.headers['access-control-allow-origin'], 'https://portal.example')
    assert.equal(answer.headers.vary, 'Origin')
    assert.equal(answer.headers['access-control-allow-methods'], 'PUT, GET, HEAD, OPTIONS')
    assert.match(String(answer.headers['access-control-allow-headers']), /content-type, content-range/)
    assert.equal(answer.headers['access-control-max-age'], '3600')
  }),
  check('U1 a trailing slash of cors_origin is dropped, and * is allowed', async (target) => {
    for (const [given, answered] of [
      ['https://portal.example/', 'https://portal.example'],
      ['*', '*'],
    ] as const) {
      const upload = await target.mux.video.uploads.create({ cors_origin: given })
      const answer = await put(upload.url!, { method: 'OPTIONS' })
      assert.equal(answer?.headers['access-control-allow-origin'], answered)
    }
  }),
  check(
    'U2 every answer can be read by the browser: 200, 308, 400, 404, 405, 410, 413, 503',
    async (target) => {
      const file = randomFile(2 * CHUNK)
      const { id, url } = await newUpload(target)
      const answers = [
        await putSlice(url, file, CHUNK, 2 * CHUNK),
        await putSlice(url, file, 0, CHUNK),
        await put(url, { range: 'bytes 5-1/9' }),
        await put(url, { method: 'POST' }),
        await putSlice(url, file, CHUNK, 2 * CHUNK),
        await put(url.replace(id, `${id.slice(0, -1)}_`.replace('_', id.endsWith('0') ? '1' : '0'))),
      ]
      const cancelled = await newUpload(target)
      await target.mux.video.uploads.cancel(cancelled.id)
      answers.push(await put(cancelled.url, { range: 'bytes */*' }))
      const large = await newUpload(target)
      answers.push(
        await put(large.url, { range: `bytes 0-${CHUNK - 1}/900000000000000`, body: randomFile(CHUNK) }),
      )
      assert.deepEqual(
        answers.map((answer) => answer?.status),
        [503, 308, 400, 405, 200, 404, 410, 413],
      )
      for (const answer of answers) {
        assert.ok(answer?.headers['access-control-allow-origin'])
        assert.equal(answer.headers['access-control-expose-headers'], 'Range, Location, Content-Length, ETag')
      }
    },
  ),
  check('U3 without Content-Range the body is the whole file', async (target) => {
    const file = randomFile(3 * MIB)
    const { id, url } = await newUpload(target)
    assert.equal((await put(url, { body: file }))?.status, 200)
    await assertOneAsset(target, id)
    await assertSameBytes(target, id, file)
  }),
  check('U3 also when its length is not known beforehand', async (target) => {
    const file = randomFile(MIB + 17)
    const { id, url } = await newUpload(target)
    assert.equal((await put(url, { body: file, chunked: true }))?.status, 200)
    await assertSameBytes(target, id, file)
  }),
  check('U4 chunks are answered 308 with the durable prefix, the last one 200', async (target) => {
    const file = randomFile(2 * CHUNK + 1000)
    const { id, url } = await newUpload(target)
    const answers = [
      await putSlice(url, file, 0, CHUNK),
      await putSlice(url, file, CHUNK, 2 * CHUNK),
      await putSlice(url, file, 2 * CHUNK, file.length),
    ]
    assert.deepEqual(
      answers.map((answer) => [answer?.status, answer?.received]),
      [
        [308, CHUNK],
        [308, 2 * CHUNK],
        [200, null],
      ],
    )
    await assertSameBytes(target, id, file)
  }),
  check('U4 an overlap is dropped: the first write wins', async (target) => {
    const file = randomFile(3 * CHUNK)
    const { id, url } = await newUpload(target)
    await putSlice(url, file, 0, CHUNK)
    const other = Buffer.concat([randomFile(CHUNK), file.subarray(CHUNK, 2 * CHUNK)])
    const again = await put(url, { range: `bytes 0-${2 * CHUNK - 1}/${file.length}`, body: other })
    assert.equal(again?.received, 2 * CHUNK)
    const duplicate = await putSlice(url, file, 0, CHUNK)
    assert.deepEqual([duplicate?.status, duplicate?.received], [308, 2 * CHUNK])
    assert.equal((await putSlice(url, file, 2 * CHUNK, 3 * CHUNK))?.status, 200)
    await assertSameBytes(target, id, file)
  }),
  check('U4 an end past the total is cut to it (UpChunk issue 145)', async (target) => {
    const file = randomFile(CHUNK + 5)
    const { id, url } = await newUpload(target)
    await putSlice(url, file, 0, CHUNK)
    const last = await put(url, {
      range: `bytes ${CHUNK}-${2 * CHUNK - 1}/${file.length}`,
      body: file.subarray(CHUNK),
    })
    assert.equal(last?.status, 200)
    await assertSameBytes(target, id, file)
  }),
  check('U4 the total may be told with the last chunk', async (target) => {
    const file = randomFile(2 * CHUNK)
    const { id, url } = await newUpload(target)
    const first = await put(url, { range: `bytes 0-${CHUNK - 1}/*`, body: file.subarray(0, CHUNK) })
    assert.deepEqual([first?.status, first?.received], [308, CHUNK])
    assert.equal((await putSlice(url, file, CHUNK, 2 * CHUNK))?.status, 200)
    await assertSameBytes(target, id, file)
  }),
  check(
    'U5 a gap stores nothing: 503 before the first byte, then 308 with the prefix, 400 after 20',
    async (target) => {
      const file = randomFile(3 * CHUNK)
      const { id, url } = await newUpload(target)
      assert.equal((await putSlice(url, file, CHUNK, 2 * CHUNK))?.status, 503)
      await putSlice(url, file, 0, CHUNK)
      for (let n = 0; n < 20; n += 1) {
        const answer = await putSlice(url, file, 2 * CHUNK, 3 * CHUNK)
        assert.deepEqual([answer?.status, answer?.received], [308, CHUNK])
      }
      assert.equal((await putSlice(url, file, 2 * CHUNK, 3 * CHUNK))?.status, 400)
      assert.equal((await putSlice(url, file, CHUNK, 3 * CHUNK))?.status, 200)
      await assertSameBytes(target, id, file)
    },
  ),
  check(
    'U6 a connection that dies keeps what arrived: killed at 20 random bytes, SHA-256 equal',
    async (target) => {
      const file = randomFile(12 * MIB + 123)
      const { id, url } = await newUpload(target)
      for (let kill = 0; kill < 20; kill += 1) {
        const start = await askReceived(url, file.length)
        const bytes = randomInt(1, Math.floor((file.length - start) / 8))
        // Every other time the engine has certainly begun to store; else it may be at any point.
        const stored = async () => kill % 2 === 0 || (await askReceived(url, file.length)) > start
        await putSlice(url, file, start, file.length, {
          killAfter: bytes,
          beforeKill: () => until('a byte', stored),
        })
      }
      const before = await askReceived(url, file.length)
      assert.ok(before > 0 && before < file.length, `${before} of ${file.length} bytes after 20 kills`)
      await sendFrom(url, file, 4 * MIB)
      await assertOneAsset(target, id)
      await assertSameBytes(target, id, file)
    },
  ),
  check('U7 a status query tells the prefix and changes nothing', async (target) => {
    const file = randomFile(2 * CHUNK)
    const { id, url } = await newUpload(target)
    const empty = await put(url, { range: 'bytes */*' })
    assert.deepEqual([empty?.status, empty?.headers.range], [308, undefined])
    await putSlice(url, file, 0, CHUNK)
    for (const range of ['bytes */*', `bytes */${file.length}`]) {
      const answer = await put(url, { range })
      assert.deepEqual([answer?.status, answer?.received], [308, CHUNK])
    }
    await putSlice(url, file, CHUNK, 2 * CHUNK)
    assert.equal((await put(url, { range: `bytes */${file.length}` }))?.status, 200)
    await assertSameBytes(target, id, file)
  }),
  check('U7 a status query does not disturb a running stream', async (target) => {
    const file = randomFile(4 * CHUNK)
    const { id, url } = await newUpload(target)
    const running = putSlice(url, file, 0, file.length)
    const seen = await askReceived(url, file.length)
    assert.ok(seen >= 0 && seen <= file.length)
    assert.equal((await running)?.status, 200)
    await assertSameBytes(target, id, file)
  }),
]
