import { createServer } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '#engine/assets/asset-settings.ts'
import { put } from '../../../tests/conformance/upload-client.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { until } from '../../../tests/support/until.ts'
import { createUploadHandler } from './upload-handler.ts'
import { hashSecret, uploadSecret } from './upload-url.ts'

const UNIT = 256 * 1024
let database: TestDatabase
let parts: EngineParts
let listening: Listening

beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database, { strictChunks: true })
  const handle = createUploadHandler(parts.uploads)
  listening = await listenOnFreePort(createServer((req, res) => void handle(req, res)))
})
afterAll(async () => {
  await listening.stop()
  await parts.stop()
  await database.close()
})

let count = 0
async function newUpload(timeout = 3600): Promise<{ id: string; url: string }> {
  count += 1
  const id = `upload${String(count).padStart(20, '0')}`
  const secret = uploadSecret(parts.ctx.settings.sessionSecret, id)
  await database.pool.query(
    `insert into engine.uploads (id, secret_hash, timeout_seconds, cors_origin, new_asset_settings, created_at)
     values ($1, $2, $3, '*', $4, $5)`,
    [id, hashSecret(secret), timeout, JSON.stringify(DEFAULT_SETTINGS), parts.ctx.clock()],
  )
  return { id, url: `${listening.origin}/upload/${id}.${secret}` }
}

it('[MUX-07] U9 in strict mode every chunk but the last must be a multiple of 256 KiB', async () => {
  const { url } = await newUpload()
  const odd = await put(url, { range: `bytes 0-99999/${UNIT + 9}`, body: Buffer.alloc(100_000) })
  expect(odd?.status).toBe(400)
  expect(odd?.text).toContain('256 KiB')
  const even = await put(url, { range: `bytes 0-${UNIT - 1}/${UNIT + 9}`, body: Buffer.alloc(UNIT) })
  expect(even).toMatchObject({ status: 308, received: UNIT })
  const last = await put(url, { range: `bytes ${UNIT}-${UNIT + 8}/${UNIT + 9}`, body: Buffer.alloc(9) })
  expect(last?.status).toBe(200)
})

it('[MUX-07] U14 an upload whose time is over is 410, before any sweep came by', async () => {
  const { id, url } = await newUpload(60)
  const before = parts.ctx.clock()
  parts.setClock(new Date(before.getTime() + 61_000))
  const late = await put(url, { body: Buffer.alloc(10) })
  parts.setClock(before)
  expect(late?.status).toBe(410)
  expect(late?.text).toContain('expired')
  const { rows } = await database.pool.query('select status from engine.uploads where id = $1', [id])
  expect(rows).toEqual([{ status: 'timed_out' }])
})

it('[MUX-07] U11 a failing disk is 503, which uploaders try again, and says nothing of itself', async () => {
  const { id, url } = await newUpload()
  const { spool } = parts.uploads
  const { openForWriting } = spool
  spool.openForWriting = async () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, /secret/path'), { code: 'ENOSPC' })
  }
  const failed = await put(url, { body: Buffer.alloc(10) })
  spool.openForWriting = openForWriting
  expect(failed?.status).toBe(503)
  expect(failed?.text).not.toContain('secret')
  expect(failed?.headers['access-control-allow-origin']).toBe('*')
  expect((await put(url, { body: Buffer.alloc(10) }))?.status).toBe(200)
  expect(await spool.size(id)).toBe(10)
})

it('[MUX-07] asks again for bytes that storage has lost, and makes no video without them', async () => {
  const { id, url } = await newUpload()
  const { spool } = parts.uploads
  const size = spool.size
  const body = Buffer.alloc(2 * UNIT, 'a')
  expect(
    await put(url, { range: `bytes 0-${UNIT - 1}/${2 * UNIT}`, body: body.subarray(0, UNIT) }),
  ).toMatchObject({
    status: 308,
  })
  spool.size = async (uploadId, known) => (known === undefined ? 100 : size(uploadId, known))
  const rest = { range: `bytes ${UNIT}-${2 * UNIT - 1}/${2 * UNIT}`, body: body.subarray(UNIT) }
  expect(await put(url, rest)).toMatchObject({ status: 308, received: 100 })
  spool.size = size
  const { rows } = await database.pool.query(
    'select status, received_bytes from engine.uploads where id = $1',
    [id],
  )
  expect(rows).toEqual([{ status: 'waiting', received_bytes: 100 }])
})

it('[MUX-07] keeps no more of a body than its Content-Range declares', async () => {
  const { id, url } = await newUpload()
  const body = Buffer.concat([Buffer.alloc(UNIT, 'a'), Buffer.alloc(50, 'b')])
  const answer = await put(url, { range: `bytes 0-${UNIT - 1}/${2 * UNIT}`, body })
  expect(answer).toMatchObject({ status: 308, received: UNIT })
  expect(await parts.uploads.spool.size(id)).toBe(UNIT)
})

it('[MUX-07] U8 who is still sending reads why it was refused, also where the connection ends with the answer', async () => {
  const { id, url } = await newUpload()
  const { port, host, pathname } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  // Nothing is read before all is sent, as many clients do; the answer has to outlast that.
  socket.pause()
  const send = (bytes: string | Buffer) =>
    new Promise<unknown>((resolve) => void socket.write(bytes, resolve))
  const tooMany = Buffer.alloc(parts.ctx.settings.maxUploadBytes + 1)
  await send(
    `PUT ${pathname} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`,
  )
  await send(`${tooMany.length.toString(16)}\r\n`)
  await send(tooMany)
  await until('the refusal', async () => {
    const { rows } = await database.pool.query('select status from engine.uploads where id = $1', [id])
    return rows[0].status === 'errored'
  })
  await send('\r\n')
  for (let n = 0; n < 20; n++) expect(await send(`10000\r\n${'x'.repeat(0x10000)}\r\n`)).toBeFalsy()
  await send('0\r\n\r\n')
  socket.resume()
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 [\s\S]*larger than 10 MB/)
})
