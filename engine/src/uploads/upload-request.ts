import type { IncomingMessage } from 'node:http'
import { type ContentRange, parseContentRange } from './content-range.ts'
import { refuse, type UploadAnswer } from './upload-answers.ts'
import type { UploadRow } from './upload-record.ts'

const CHUNK_UNIT = 256 * 1024
/** What the headers of a request to an upload's URL say; `length` is null for a body of unknown length. */
export type UploadRequest = { range: ContentRange; length: number | null; empty: boolean }

export function readHeaders(req: IncomingMessage): UploadRequest {
  const range = parseContentRange(req.headers['content-range'])
  const given = req.headers['content-length']
  const length = given === undefined ? (req.headers['transfer-encoding'] ? null : 0) : Number(given)
  return { range, length, empty: length === 0 }
}

/** U8, U9 and malformed headers: the refusal, or null if the request may go on. */
export function refuseHeaders(
  strictChunks: boolean,
  upload: UploadRow,
  { range, length, empty }: UploadRequest,
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
  if (strictChunks && !isLast && declared % CHUNK_UNIT !== 0) {
    return refuse(400, 'All chunks but the last must be multiples of 256 KiB.')
  }
  return null
}

/** The size of the whole file, as far as this request tells it. */
export function totalOf(range: ContentRange, length: number | null): number | null {
  if (range.kind === 'whole') return length
  return range.kind === 'invalid' ? null : range.total
}

export function isEmptyFile({ range, empty }: UploadRequest): boolean {
  return (range.kind === 'whole' && empty) || (range.kind === 'query' && range.total === 0)
}
