import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import {
  assertKey,
  assertPrefix,
  type ByteRange,
  type ListedObject,
  StorageError,
  type StoragePort,
  type StoredBody,
  type StoredObject,
} from '#engine/storage/port.ts'
import { createS3Client, isMissing, type S3Settings, storageErrorOf } from '#engine/storage/s3-client.ts'
import { abortAbandonedParts, deadline, type Place, putBytes, putFile } from '#engine/storage/s3-put.ts'
import { S3ObjectStream } from '#engine/storage/s3-stream.ts'

/** S3 deletes and lists so many at a time. */
const PAGE = 1000
const ABANDONED_MS = 24 * 3600_000

type Bucket = Place & { prefix: string }

/**
 * Objects in a bucket of S3 or of a store that speaks it. Every call has a deadline and at most three attempts;
 * what fails then is a StorageError.
 */
export async function openS3Storage(settings: S3Settings): Promise<StoragePort> {
  if (settings.prefix !== '') assertPrefix(settings.prefix)
  const at: Bucket = { client: createS3Client(settings), bucket: settings.bucket, prefix: settings.prefix }
  const before = new Date(Date.now() - ABANDONED_MS)
  // Stores that know no such listing have no such leftovers to tell of; and a store that is down must not stop a start.
  await abortAbandonedParts(at, at.prefix, before).catch(() => undefined)
  const put = (key: string, body: StoredBody) =>
    withKey(at, 'PutObject', key, (full) => putBody(at, full, body))
  return {
    put,
    // A bucket knows nothing but whole, durable objects.
    batch: () => ({ put, settle: async () => undefined }),
    open: (key) => withKey(at, 'HeadObject', key, (full) => openObject(at, full)),
    readAll: (key) => withKey(at, 'GetObject', key, (full) => readObject(at, full)),
    delete: (key) =>
      withKey(at, 'DeleteObject', key, async (Key) => {
        await at.client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key }), { abortSignal: deadline() })
      }),
    async deletePrefix(prefix) {
      assertPrefix(prefix)
      await guarded('DeleteObjects', () => deleteBelow(at, at.prefix + prefix))
    },
    list: (prefix) => listKeys(at, prefix),
    walk: (prefix, after) => walkObjects(at, prefix, after),
    check: () => guarded('ListObjects', () => listPage(at, at.prefix, { MaxKeys: 1 }).then(() => undefined)),
    presign: (key, seconds) =>
      withKey(at, 'presign', key, (Key) =>
        getSignedUrl(at.client, new GetObjectCommand({ Bucket: at.bucket, Key }), { expiresIn: seconds }),
      ),
    close: async () => at.client.destroy(),
  }
}

async function guarded<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // Only file systems name a path: a local file's fault is no trouble of the store's.
    throw error instanceof Error && 'path' in error ? error : storageErrorOf(action, error)
  }
}

async function withKey<T>(at: Bucket, action: string, key: string, work: (fullKey: string) => Promise<T>) {
  assertKey(key)
  return guarded(action, () => work(at.prefix + key))
}

async function putBody(at: Bucket, key: string, body: StoredBody): Promise<void> {
  if (Buffer.isBuffer(body)) return putBytes(at, key, body)
  if (Array.isArray(body)) return putBytes(at, key, Buffer.concat(body))
  await putFile(at, key, body.path)
  await rm(body.path)
}

async function openObject(at: Bucket, key: string): Promise<StoredObject | null> {
  try {
    const head = await at.client.send(new HeadObjectCommand({ Bucket: at.bucket, Key: key }), {
      abortSignal: deadline(),
    })
    const size = head.ContentLength ?? 0
    return {
      size,
      stream: (range) =>
        new S3ObjectStream((part, signal) => getRange(at, key, part, size, signal), {
          start: range?.start ?? 0,
          end: Math.min(range?.end ?? size - 1, size - 1),
        }),
    }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function getRange(at: Bucket, key: string, range: ByteRange, size: number, signal: AbortSignal) {
  const whole = range.start === 0 && range.end === size - 1
  const { Body, ContentLength } = await at.client.send(
    new GetObjectCommand({
      Bucket: at.bucket,
      Key: key,
      ...(whole ? {} : { Range: `bytes=${range.start}-${range.end}` }),
    }),
    { abortSignal: signal },
  )
  // A store that ignores the range would be taken at its word otherwise.
  if (range.start > 0 && ContentLength !== range.end - range.start + 1) {
    ;(Body as Readable).destroy()
    throw new StorageError('GetObject', 'another range than asked for')
  }
  return Body as Readable
}

async function readObject(at: Bucket, key: string): Promise<Buffer | null> {
  try {
    const { Body, ContentLength } = await at.client.send(
      new GetObjectCommand({ Bucket: at.bucket, Key: key }),
      { abortSignal: deadline(PAGE * PAGE) },
    )
    const bytes = Buffer.from(
      await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray(),
    )
    if (ContentLength !== undefined && bytes.length !== ContentLength) {
      throw new StorageError('GetObject', 'broken off')
    }
    return bytes
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

type PageOptions = { StartAfter?: string; MaxKeys?: number }

function listPage(at: Bucket, fullPrefix: string, options: PageOptions) {
  return at.client.send(
    new ListObjectsV2Command({ Bucket: at.bucket, Prefix: fullPrefix, MaxKeys: PAGE, ...options }),
    { abortSignal: deadline() },
  )
}

async function* walkObjects(at: Bucket, prefix: string, after?: string): AsyncIterable<ListedObject> {
  if (prefix !== '') assertPrefix(prefix)
  let last = after === undefined ? undefined : at.prefix + after
  for (;;) {
    // From the last key on, not by continuation token: those expire, and not every store's can be trusted.
    const page = await guarded('ListObjects', () =>
      listPage(at, at.prefix + prefix, last === undefined ? {} : { StartAfter: last }),
    )
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (!Key) continue
      last = Key
      yield { key: Key.slice(at.prefix.length), bytes: Size ?? 0, at: LastModified ?? new Date(0) }
    }
    if (!page.IsTruncated) return
  }
}

async function listKeys(at: Bucket, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of walkObjects(at, prefix)) keys.push(key)
  return keys.sort()
}

async function deleteBelow(at: Bucket, fullPrefix: string): Promise<void> {
  // From the start each time: what was listed before is gone, and what was put meanwhile is found.
  for (;;) {
    const { Contents = [] } = await listPage(at, fullPrefix, {})
    const keys = Contents.flatMap(({ Key }) => (Key ? [Key] : []))
    if (keys.length === 0) return
    await deleteKeys(at, keys)
    if (keys.length < PAGE) return
  }
}

async function deleteKeys(at: Bucket, keys: string[]): Promise<void> {
  const Objects = keys.map((Key) => ({ Key }))
  const { Errors = [] } = await at.client.send(
    new DeleteObjectsCommand({ Bucket: at.bucket, Delete: { Objects, Quiet: true } }),
    { abortSignal: deadline() },
  )
  for (const { Key } of Errors) {
    if (Key)
      await at.client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key }), { abortSignal: deadline() })
  }
}
