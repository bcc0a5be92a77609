import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { StorageError } from '#engine/storage/port.ts'

export type S3Settings = {
  bucket: string
  region: string
  /** Before every key; ends in a slash, or empty. */
  prefix: string
  /** Null for Amazon's own. */
  endpoint: string | null
  /** Null: found as the AWS tools find them (environment, profile, instance). */
  credentials: { accessKeyId: string; secretAccessKey: string } | null
  /** https://host/bucket/key instead of https://bucket.host/key. */
  forcePathStyle: boolean
}

const CONNECT_MS = 3_000
/** Until the first byte of an answer. */
const ANSWER_MS = 10_000
const ATTEMPTS = 3
const CONNECTIONS = 96

/** A client with deadlines, bounded retries and a bounded pool. */
export function createS3Client(settings: S3Settings): S3Client {
  const agent = { keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: 32, timeout: 60_000 }
  return new S3Client({
    region: settings.region,
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
    forcePathStyle: settings.forcePathStyle,
    maxAttempts: ATTEMPTS,
    // Stores other than Amazon's often know no CRC trailers; the signature covers the body's SHA-256 all the same.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
  })
}

/** True for the answer that there is no such object. */
export function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as S3ServiceException
  return (
    name === 'NoSuchKey' ||
    name === 'NotFound' ||
    (name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404)
  )
}

/** The SDK's errors carry what was signed and by whom; only a short word of them leaves this module. */
export function storageErrorOf(action: string, error: unknown): Error {
  if (error instanceof StorageError) return error
  if (error instanceof S3ServiceException) {
    const status = error.$metadata?.httpStatusCode
    return new StorageError(action, status ? `${error.name} ${status}` : error.name)
  }
  const { code, name } = error as NodeJS.ErrnoException
  return new StorageError(action, code ?? name ?? 'unknown')
}
