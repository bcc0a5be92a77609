import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NotFound,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { AppError } from '#portal/platform/errors.ts'
import { assertKey, type StoragePort } from './port.ts'

export type S3StorageOptions = {
  bucket: string
  region: string
  endpoint?: string | undefined
  /** Before every key; ends in '/', or is empty. */
  prefix: string
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined
  forcePathStyle: boolean
}

// S3 takes ten thousand parts of at least 5 MiB: with these a file may have 640 GB.
const PART_BYTES = 64 * 1024 * 1024
const CALL_MS = 20_000
const PART_MS = 10 * 60_000

/** Objects of a bucket. */
export function createS3Storage(options: S3StorageOptions): StoragePort {
  const { bucket, prefix } = options
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint ? { endpoint: options.endpoint } : {}),
    ...(options.credentials ? { credentials: options.credentials } : {}),
    forcePathStyle: options.forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const at = (key: string) => {
    assertKey(key)
    return { Bucket: bucket, Key: prefix + key }
  }
  const soon = (ms = CALL_MS) => ({ abortSignal: AbortSignal.timeout(ms) })

  async function putLarge(key: string, path: string, bytes: number): Promise<void> {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at(key)), soon())
    try {
      const Parts: { ETag: string | undefined; PartNumber: number }[] = []
      for (let start = 0; start < bytes; start += PART_BYTES) {
        const end = Math.min(start + PART_BYTES, bytes) - 1
        const PartNumber = Parts.length + 1
        const Body = createReadStream(path, { start, end })
        const part = { ...at(key), UploadId, PartNumber, Body, ContentLength: end - start + 1 }
        const { ETag } = await client.send(new UploadPartCommand(part), soon(PART_MS))
        Parts.push({ ETag, PartNumber })
      }
      const done = { ...at(key), UploadId, MultipartUpload: { Parts } }
      await client.send(new CompleteMultipartUploadCommand(done), soon(PART_MS))
    } catch (error) {
      await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId }), soon()).catch(() => {})
      throw error
    }
  }

  return {
    kind: 's3',
    putFile: (key, path) =>
      reach(async () => {
        const { size } = await stat(path)
        if (size > PART_BYTES) return await putLarge(key, path, size)
        const Body = createReadStream(path)
        await client.send(new PutObjectCommand({ ...at(key), Body, ContentLength: size }), soon(PART_MS))
      }),
    open: (key) =>
      reach(async () => {
        const head = await client.send(new HeadObjectCommand(at(key)), soon()).catch(nullWhereMissing)
        if (!head) return null
        return {
          bytes: head.ContentLength ?? 0,
          stream: () =>
            reach(async () => {
              // The deadline ends with the headers: a body takes as long as its reader.
              const { signal, settled } = untilSettled(CALL_MS)
              const { Body } = await client.send(new GetObjectCommand(at(key)), { abortSignal: signal })
              settled()
              return Body as Readable
            }),
        }
      }),
    delete: (key) => reach(async () => void (await client.send(new DeleteObjectCommand(at(key)), soon()))),
    list: (wanted) =>
      reach(async () => {
        const keys: string[] = []
        let token: string | undefined
        do {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + wanted, ContinuationToken: token }),
            soon(),
          )
          for (const { Key } of page.Contents ?? []) if (Key) keys.push(Key.slice(prefix.length))
          token = page.NextContinuationToken
        } while (token)
        return keys.sort()
      }),
  }
}

function untilSettled(ms: number): { signal: AbortSignal; settled: () => void } {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ms} ms`)), ms)
  return { signal: controller.signal, settled: () => clearTimeout(timer) }
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof NotFound) return null
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return null
  throw error
}

async function reach<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Error && error.message === 'unsafe storage key') throw error
    const failed = new AppError(
      'unavailable',
      "The portal's storage can't be reached right now. Try again shortly.",
      {
        retryAfterSeconds: 5,
      },
    )
    failed.cause = error
    throw failed
  }
}
