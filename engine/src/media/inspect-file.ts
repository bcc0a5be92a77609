import { type FileHandle, open } from 'node:fs/promises'
import { MediaError, NOT_MEDIA, TRUNCATED } from '#engine/media/media-error.ts'

const MP4_BOXES = new Set([
  'ftyp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'moof',
  'styp',
  'sidx',
  'uuid',
  'pnot',
  'udta',
  'meta',
])
const BOXES_READ = 100_000

/**
 * A first look without ffmpeg: empty files, text, and MP4/MOV files whose last box runs past the end
 * (ffprobe reads those happily when the index comes first). Throws MediaError.
 */
export async function inspectFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size === 0) throw new MediaError('not_media', 'This file is empty.')
    const head = Buffer.alloc(Math.min(size, 4096))
    await file.read(head, 0, head.length, 0)
    if (isText(head)) throw new MediaError('not_media', NOT_MEDIA)
    if (MP4_BOXES.has(head.toString('latin1', 4, 8))) await walkBoxes(file, size)
  } finally {
    await file.close()
  }
}

function isText(head: Buffer): boolean {
  try {
    const text = new TextDecoder('utf8', { fatal: true }).decode(
      head.subarray(0, Math.max(1, head.length - 3)),
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells bytes from text
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text)
  } catch {
    return false
  }
}

async function walkBoxes(file: FileHandle, size: number): Promise<void> {
  const header = Buffer.alloc(16)
  let index = false
  for (let at = 0, n = 0; at < size && n < BOXES_READ; n += 1) {
    const { bytesRead } = await file.read(header, 0, 16, at)
    // A few stray bytes after the last box harm nobody.
    if (bytesRead < 8) break
    const type = header.toString('latin1', 4, 8)
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) break
    let length = header.readUInt32BE(0)
    if (length === 1) length = Number(header.readBigUInt64BE(8))
    if (length === 0) length = size - at
    if (type === 'moov' || type === 'moof') index = true
    if (length < 8) break
    if (at + length > size && (type === 'mdat' || type === 'moov' || type === 'moof')) {
      throw new MediaError('truncated', TRUNCATED, `${type} ends at ${at + length} of ${size}`)
    }
    at += length
  }
  if (!index) throw new MediaError('truncated', TRUNCATED, 'no moov')
}
