import type { IncomingMessage } from 'node:http'
import { type AppendResult, appendBody } from './append-body.ts'
import { completeUpload, endUpload } from './complete-upload.ts'
import type { ContentRange } from './content-range.ts'
import { expiresAt } from './expiry.ts'
import { answerIfEnded, failEmpty, failTooLarge, refuseTooLarge } from './failed-upload.ts'
import { refuse, type UploadAnswer } from './upload-answers.ts'
import type { UploadParts } from './upload-parts.ts'
import { findUpload, type UploadRow } from './upload-record.ts'
import { isEmptyFile, readHeaders, refuseHeaders, totalOf, type UploadRequest } from './upload-request.ts'

/** U5: stock UpChunk repeats a refused chunk for ever; this many times it is told where to go on, then no more. */
const MAX_GAP_ANSWERS = 20

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
  const wrong = refuseHeaders(parts.ctx.settings.strictChunks, upload, body)
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

/** The row, timed out first if its time is over (the sweep may not have come by yet). */
async function currentUpload(parts: UploadParts, row: UploadRow): Promise<UploadRow> {
  if (row.status !== 'waiting' || expiresAt(row) > parts.ctx.clock()) return row
  await endUpload(parts.ctx, row.id, 'timed_out')
  return (await findUpload(parts.ctx.pool, row.id)) ?? row
}

/** U7, and the end of an upload whose total was not known before. */
async function answerStatus(
  parts: UploadParts,
  upload: UploadRow,
  total: number | null,
): Promise<UploadAnswer> {
  const received = await parts.spool.size(upload.id, upload.received_bytes)
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
  body: UploadRequest,
): Promise<UploadAnswer> {
  return withLock(
    parts,
    upload,
    () => req.destroy(),
    async (current) => {
      // Another writer may have set the total while this one waited.
      const wrong = refuseHeaders(parts.ctx.settings.strictChunks, current, body)
      if (wrong) return wrong
      const received = await parts.spool.size(current.id, current.received_bytes)
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
  { range }: UploadRequest,
  received: number,
): Promise<UploadAnswer> {
  const { settings } = parts.ctx
  const chunkEnd = range.kind === 'bytes' ? range.end + 1 : Number.POSITIVE_INFINITY
  const fileLimit = upload.total_bytes ?? settings.maxUploadBytes
  const file = await parts.spool.openForWriting(upload.id, received)
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
  // Once more from what is stored, not from what is remembered: this is the last moment to ask for it again.
  const held = await parts.spool.size(upload.id)
  if (held !== received) return answerLoss(parts, upload, held)
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

/** The storage has lost acknowledged bytes. The client has them still, and is asked for them. */
async function answerLoss(parts: UploadParts, upload: UploadRow, held: number): Promise<UploadAnswer> {
  parts.ctx.log.error({ uploadId: upload.id, held }, 'acknowledged bytes of an upload are not in storage')
  parts.hashes.forget(upload.id)
  await parts.ctx.pool.query('update engine.uploads set received_bytes = $2 where id = $1', [upload.id, held])
  return held > 0
    ? { kind: 'resume', received: held }
    : refuse(503, 'The first bytes of the file are not there. Start again at byte 0.')
}
