import { open } from 'node:fs/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { StorageError } from '#engine/storage/port.ts'

/** Bodies above this go in parts, each of which is tried again alone; also the least size of a part. */
export const PART_BYTES = 16 * 1024 * 1024
const MOST_PARTS = 9_000
const PARTS_AT_ONCE = 3
const CALL_MS = 30_000
const SLOWEST_BYTES_A_MS = 256

export type Place = { client: S3Client; bucket: string }

/** An end for every call: half a minute, and longer for what is large. */
export const deadline = (bytes = 0) => AbortSignal.timeout(CALL_MS + Math.ceil(bytes / SLOWEST_BYTES_A_MS))

export async function putBytes(place: Place, key: string, bytes: Buffer): Promise<void> {
  if (bytes.length > PART_BYTES) {
    return putParts(place, key, bytes.length, async (from, to) => bytes.subarray(from, to))
  }
  await place.client.send(
    new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: bytes, ContentLength: bytes.length }),
    { abortSignal: deadline(bytes.length) },
  )
}

/** Reads a part at a time, so that memory stays bounded whatever the file's size. */
export async function putFile(place: Place, key: string, path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const read = async (from: number, to: number): Promise<Buffer> => {
      const bytes = Buffer.allocUnsafe(to - from)
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at)
        if (bytesRead === 0) throw new Error('the file became shorter while it was stored')
        at += bytesRead
      }
      return bytes
    }
    if (size <= PART_BYTES) await putBytes(place, key, await read(0, size))
    else await putParts(place, key, size, read)
  } finally {
    await file.close()
  }
}

type ReadPart = (from: number, to: number) => Promise<Buffer>

async function putParts(place: Place, key: string, size: number, read: ReadPart): Promise<void> {
  const target = { Bucket: place.bucket, Key: key }
  const { UploadId } = await place.client.send(new CreateMultipartUploadCommand(target), {
    abortSignal: deadline(),
  })
  if (!UploadId) throw new StorageError('CreateMultipartUpload', 'no id')
  try {
    const Parts = await sendParts(place, { ...target, UploadId }, size, read)
    await place.client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
      { abortSignal: deadline(size) },
    )
  } catch (error) {
    await place.client
      .send(new AbortMultipartUploadCommand({ ...target, UploadId }), { abortSignal: deadline() })
      .catch(() => undefined)
    throw error
  }
}

async function sendParts(
  place: Place,
  target: { Bucket: string; Key: string; UploadId: string },
  size: number,
  read: ReadPart,
) {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS))
  const count = Math.ceil(size / partBytes)
  const parts: { ETag: string | undefined; PartNumber: number }[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const index = next
      next += 1
      const Body = await read(index * partBytes, Math.min(size, (index + 1) * partBytes))
      const { ETag } = await place.client.send(
        new UploadPartCommand({ ...target, PartNumber: index + 1, Body, ContentLength: Body.length }),
        { abortSignal: deadline(Body.length) },
      )
      parts[index] = { ETag, PartNumber: index + 1 }
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, work)).catch((error) => {
    next = count
    throw error
  })
  return parts
}

/** Ends multipart uploads that a killed process left behind; their parts are stored, but no listing shows them. */
export async function abortAbandonedParts(place: Place, prefix: string, before: Date): Promise<number> {
  const { Uploads = [] } = await place.client.send(
    new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: prefix }),
    { abortSignal: deadline() },
  )
  const old = Uploads.filter(
    ({ Initiated, Key, UploadId }) => Key && UploadId && Initiated && Initiated < before,
  )
  for (const { Key, UploadId } of old) {
    await place.client.send(new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId }), {
      abortSignal: deadline(),
    })
  }
  return old.length
}
