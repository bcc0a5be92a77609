import type { IncomingMessage } from 'node:http'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { type AppendResult, appendBody } from './append-body.ts'
import { completeUpload, endUpload } from './complete-upload.ts'
import { type ContentRange, parseContentRange } from './content-range.ts'
import { expiresAt } from './expiry.ts'
import type { RollingHash } from './rolling-hash.ts'
import type { Spool } from './spool.ts'
import { refuse, type UploadAnswer } from './upload-answers.ts'
import { findUpload, type UploadRow } from './upload-record.ts'
import type { WriterLocks } from './writer-locks.ts'

const CHUNK_UNIT = 256 * 1024
/** U5: stock UpChunk repeats a refused chunk for ever; this many times it is told where to go on, then no more. */
const MAX_GAP_ANSWERS = 20

export const EMPTY_FILE = {
  type: 'invalid_input',
  message:
    'The file is empty: it has 0 bytes. Choose the video file again, and check that it plays on your device.',
}

export type UploadParts = { ctx: EngineContext; spool: Spool; locks: WriterLocks; hashes: RollingHash }

type Body = { range: ContentRange; length: number | null; empty: boolean }

/** Answers one PUT (or status query) to an upload's URL: rules U3 to U14 of the contract. */
export async function receive(
  parts: UploadParts,
  req: IncomingMessage,
  found: UploadRow,
): Promise<UploadAnswer> {
  const upload = await currentUpload(parts, found)
  const over = answerIfEnded(upload)
  if (over) return over
  const body = readHeaders(req)
  const wrong = refuseHeaders(parts, upload, body)
  if (wrong) return wrong
  if (isEmptyFile(body)) return failEmpty(parts, upload)
  if (body.range.kind === 'query') return answerStatus(parts, upload, body.range.total)
  const tooLarge = await refuseTooLarge(parts, upload, body)
  if (tooLarge) return tooLarge
  return withWriter(parts, req, upload, body)
}

/** GET and HEAD: the same as a status query without a total. */
export async function statusOf(parts: UploadParts, found: UploadRow): Promise<UploadAnswer> {
  const upload = await currentUpload(parts, found)
  return answerIfEnded(upload) ?? answerStatus(parts, upload, null)
}

function readHeaders(req: IncomingMessage): Body {
  const range = parseContentRange(req.headers['content-range'])
  const given = req.headers['content-length']
  const length = given === undefined ? (req.headers['transfer-encoding'] ? null : 0) : Number(given)
  return { range, length, empty: length === 0 }
}

/** The row, timed out first if its time is over (the sweep may not have come by yet). */
async function currentUpload(parts: UploadParts, row: UploadRow): Promise<UploadRow> {
  if (row.status !== 'waiting' || expiresAt(row) > parts.ctx.clock()) return row
  await endUpload(parts.ctx, row.id, 'timed_out')
  return (await findUpload(parts.ctx.pool, row.id)) ?? row
}

/** U10. */
function answerIfEnded(upload: UploadRow): UploadAnswer | null {
  if (upload.status === 'waiting') return null
  if (upload.status === 'asset_created') return { kind: 'complete' }
  const reasons = {
    cancelled: 'This upload was cancelled. Start a new one.',
    timed_out: 'This upload took too long and has expired. Start a new one.',
    errored: upload.error?.message ?? 'This upload failed. Start a new one.',
  }
  return refuse(410, reasons[upload.status])
}

function refuseHeaders(
  parts: UploadParts,
  upload: UploadRow,
  { range, length, empty }: Body,
): UploadAnswer | null {
  if (range.kind === 'invalid')
    return refuse(400, 'Content-Range must be "bytes first-last/total", as in RFC 9110.')
  if (range.kind === 'query' && !empty)
    return refuse(400, 'A status query (bytes */…) must have an empty body.')
  const total = totalOf(range, length)
  if (total !== null && upload.total_bytes !== null && total !== upload.total_bytes) {
    return refuse(400, `This upload was begun with ${upload.total_bytes} bytes in total, not ${total}.`)
  }
  if (range.kind !== 'bytes') return null
  const declared = range.end - range.start + 1
  // Without a cut end, a body of another length than its range says is a mistake in the client.
  if (length !== null && length < declared)
    return refuse(400, 'The body is shorter than its Content-Range says.')
  const isLast = range.total !== null && range.end === range.total - 1
  if (parts.ctx.settings.strictChunks && !isLast && declared % CHUNK_UNIT !== 0) {
    return refuse(400, 'All chunks but the last must be multiples of 256 KiB.')
  }
  return null
}

function totalOf(range: ContentRange, length: number | null): number | null {
  if (range.kind === 'whole') return length
  return range.kind === 'invalid' ? null : range.total
}

function isEmptyFile({ range, empty }: Body): boolean {
  return (range.kind === 'whole' && empty) || (range.kind === 'query' && range.total === 0)
}

async function failEmpty(parts: UploadParts, upload: UploadRow): Promise<UploadAnswer> {
  if ((await parts.spool.size(upload.id)) > 0) {
    return refuse(400, 'The request has no body. To ask how far an upload is, send Content-Range: bytes */*.')
  }
  await endUpload(parts.ctx, upload.id, 'errored', EMPTY_FILE)
  return refuse(400, EMPTY_FILE.message)
}

/** U8. */
async function refuseTooLarge(
  parts: UploadParts,
  upload: UploadRow,
  body: Body,
): Promise<UploadAnswer | null> {
  const max = parts.ctx.settings.maxUploadBytes
  const total = totalOf(body.range, body.length)
  const least = total ?? (body.range.kind === 'bytes' ? body.range.end + 1 : 0)
  return least > max ? failTooLarge(parts, upload) : null
}

async function failTooLarge(parts: UploadParts, upload: UploadRow): Promise<UploadAnswer> {
  const message = `The file is larger than ${formatBytes(parts.ctx.settings.maxUploadBytes)}, the most that is accepted.`
  await endUpload(parts.ctx, upload.id, 'errored', { type: 'too_large', message })
  return refuse(413, message)
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power]}`
}

/** U7, and the end of an upload whose total was not known before. */
async function answerStatus(
  parts: UploadParts,
  upload: UploadRow,
  total: number | null,
): Promise<UploadAnswer> {
  const received = await parts.spool.size(upload.id)
  const known = upload.total_bytes ?? total
  if (received > 0 && received === known) {
    // All is here, but a crash came before it was recorded.
    return withLock(
      parts,
      upload,
      () => undefined,
      (current) => finish(parts, current, received),
    )
  }
  if (known !== null && received > known)
    return refuse(400, `${received} bytes have arrived, more than ${known}.`)
  return { kind: 'resume', received }
}

/** U12: takes the upload's one writer's place, then hands over the row as it is now. */
async function withLock(
  parts: UploadParts,
  upload: UploadRow,
  abort: () => void,
  work: (current: UploadRow) => Promise<UploadAnswer>,
): Promise<UploadAnswer> {
  const release = await parts.locks.acquire(upload.id, abort)
  if (!release) return refuse(503, 'Another connection is still writing this upload. Try again in a moment.')
  try {
    const current = await findUpload(parts.ctx.pool, upload.id)
    if (!current) return refuse(404, 'There is no such upload.')
    return answerIfEnded(current) ?? (await work(current))
  } finally {
    await release()
  }
}

async function withWriter(
  parts: UploadParts,
  req: IncomingMessage,
  upload: UploadRow,
  body: Body,
): Promise<UploadAnswer> {
  return withLock(
    parts,
    upload,
    () => req.destroy(),
    async (current) => {
      // Another writer may have set the total while this one waited.
      const wrong = refuseHeaders(parts, current, body)
      if (wrong) return wrong
      const received = await parts.spool.size(current.id)
      const start = body.range.kind === 'bytes' ? body.range.start : 0
      if (start > received) return answerGap(parts, current, received)
      await recordTotal(parts, current, totalOf(body.range, body.length), req.headers['content-type'])
      return write(parts, req, current, body, received)
    },
  )
}

/** U5. */
async function answerGap(parts: UploadParts, upload: UploadRow, received: number): Promise<UploadAnswer> {
  const { rows } = await parts.ctx.pool.query<{ gap_answers: number }>(
    'update engine.uploads set gap_answers = gap_answers + 1 where id = $1 returning gap_answers',
    [upload.id],
  )
  if ((rows[0]?.gap_answers ?? 0) > MAX_GAP_ANSWERS) {
    return refuse(
      400,
      `Bytes are missing: only ${received} have arrived. Ask for the status and go on from there.`,
    )
  }
  return received > 0
    ? { kind: 'resume', received }
    : refuse(503, 'The first bytes of the file have not arrived. Start again at byte 0.')
}

async function recordTotal(
  parts: UploadParts,
  upload: UploadRow,
  total: number | null,
  contentType?: string,
) {
  await parts.ctx.pool.query(
    `update engine.uploads set total_bytes = coalesce(total_bytes, $2), content_type = coalesce(content_type, $3),
       gap_answers = 0 where id = $1`,
    [upload.id, total, contentType?.slice(0, 255) || null],
  )
  upload.total_bytes ??= total
}

async function write(
  parts: UploadParts,
  req: IncomingMessage,
  upload: UploadRow,
  { range }: Body,
  received: number,
): Promise<UploadAnswer> {
  const { settings } = parts.ctx
  const chunkEnd = range.kind === 'bytes' ? range.end + 1 : Number.POSITIVE_INFINITY
  const fileLimit = upload.total_bytes ?? settings.maxUploadBytes
  const file = await parts.spool.openForWriting(upload.id)
  let result: AppendResult
  try {
    result = await appendBody(req, {
      file,
      bodyStart: range.kind === 'bytes' ? range.start : 0,
      received,
      limit: Math.min(chunkEnd, fileLimit),
      minRate: settings.minUploadRate,
      rateWindowMs: settings.uploadRateWindowMs,
      onPiece: (position, piece) => parts.hashes.add(upload.id, position, piece),
      onCheckpoint: (durable) => checkpoint(parts, upload.id, durable, req),
    })
  } finally {
    await file.close()
  }
  if (result.received > received) await checkpoint(parts, upload.id, result.received, req)
  return answerWritten(parts, upload, range, result)
}

/** Records how far the durable prefix reaches; stops the stream of an upload that was ended meanwhile. */
async function checkpoint(
  parts: UploadParts,
  uploadId: string,
  received: number,
  req: IncomingMessage,
): Promise<void> {
  const { rowCount } = await parts.ctx.pool.query(
    `update engine.uploads set received_bytes = $2, last_byte_at = $3 where id = $1 and status = 'waiting'`,
    [uploadId, received, parts.ctx.clock()],
  )
  if (rowCount === 0) req.destroy()
}

async function answerWritten(
  parts: UploadParts,
  upload: UploadRow,
  range: ContentRange,
  result: AppendResult,
): Promise<UploadAnswer> {
  const { received, end } = result
  if (end === 'over_limit' && upload.total_bytes === null && range.kind === 'whole')
    return failTooLarge(parts, upload)
  const wholeIsIn = range.kind === 'whole' && end === 'complete'
  const total = upload.total_bytes ?? (wholeIsIn ? received : null)
  if (received === total) return received === 0 ? failEmpty(parts, upload) : finish(parts, upload, received)
  if (end === 'slow') return refuse(408, 'The connection is too slow. Go on from where it ended.')
  if (end === 'cut') return { kind: 'none' }
  return { kind: 'resume', received }
}

async function finish(parts: UploadParts, upload: UploadRow, received: number): Promise<UploadAnswer> {
  const done = await completeUpload(
    parts.ctx,
    parts.spool,
    upload,
    received,
    parts.hashes.finish(upload.id, received),
  )
  if (done) return { kind: 'complete' }
  const current = await findUpload(parts.ctx.pool, upload.id)
  return (current && answerIfEnded(current)) ?? refuse(503, 'Try again in a moment.')
}
