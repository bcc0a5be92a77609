import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3'
import { openS3Storage } from '../../engine/src/storage/s3.ts'
import { createS3Client, type S3Settings } from '../../engine/src/storage/s3-client.ts'
import { listenOnFreePort } from './listen.ts'

type Listing = { isTruncated: boolean }
type Store = { listObjects(bucket: string, options: object): Promise<Listing> }

/**
 * It makes its continuation tokens by DES, which today's OpenSSL no longer has, and so fails on every long listing.
 * It asks twice whether one is cut: first for the token, then for the answer.
 */
function listWithoutTokens(store: Store): void {
  const original = store.listObjects.bind(store)
  store.listObjects = async (bucket, options) => {
    const { isTruncated, ...rest } = await original(bucket, options)
    let asked = 0
    return Object.defineProperty({ ...rest, isTruncated }, 'isTruncated', {
      get: () => {
        asked += 1
        return asked > 1 && isTruncated
      },
    })
  }
}

/** The object that a file of this server's folder holds, or null for what the server keeps beside it. */
export function objectOfFile(path: string): string | null {
  return path.endsWith('._S3rver_object') ? path.slice(0, -'._S3rver_object'.length) : null
}

/** The engine's settings for a store. */
export function s3Environment({ bucket, endpoint, credentials }: S3Settings): Record<string, string> {
  return {
    S3_BUCKET: bucket,
    S3_ENDPOINT: endpoint ?? '',
    S3_ACCESS_KEY_ID: credentials?.accessKeyId ?? '',
    S3_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? '',
  }
}

export type S3Server = { port: number; settings: S3Settings; stop(): Promise<void> }

/**
 * An S3-speaking server on a free port with one empty bucket; its objects lie below `parent`, where it removes them.
 * TEST_S3_PORT, TEST_S3_ACCESS_KEY_ID and TEST_S3_SECRET_ACCESS_KEY name another one on this machine to be used instead.
 */
export async function startS3Server(parent = tmpdir()): Promise<S3Server> {
  const { TEST_S3_PORT, TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY } = process.env
  if (TEST_S3_PORT) {
    const pair = {
      accessKeyId: TEST_S3_ACCESS_KEY_ID ?? '',
      secretAccessKey: TEST_S3_SECRET_ACCESS_KEY ?? '',
    }
    return runningServer(Number(TEST_S3_PORT), pair)
  }
  const bucket = 'engine'
  const directory = await mkdtemp(join(parent, 's3-server-'))
  const options = { silent: true, directory, vhostBuckets: false, configureBuckets: [{ name: bucket }] }
  const strict = new S3rver({ ...options, allowMismatchedSignatures: false })
  await strict.configureBuckets()
  // It leaves the last slash of /bucket/ out of what it signs, so calls of the bucket itself can't be verified.
  const lenient = new S3rver({ ...options, allowMismatchedSignatures: true })
  for (const { store } of [strict, lenient]) listWithoutTokens(store)
  const [onObjects, onBucket] = [strict.callback(), lenient.callback()]
  const server: Server = createServer((req, res) => {
    const isBucket = req.url?.split('?', 1)[0] === `/${bucket}/`
    return isBucket ? onBucket(req, res) : onObjects(req, res)
  })
  const { port, stop } = await listenOnFreePort(server)
  return {
    port,
    // The one pair that this server knows.
    settings: settingsOf(bucket, port, { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }),
    async stop() {
      server.closeAllConnections()
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function settingsOf(bucket: string, port: number, credentials: S3Settings['credentials']): S3Settings {
  const endpoint = `http://127.0.0.1:${port}`
  return { bucket, region: 'us-east-1', prefix: '', endpoint, credentials, forcePathStyle: true }
}

/** A bucket of its own on a server that runs already; it goes with its objects. */
async function runningServer(port: number, credentials: S3Settings['credentials']): Promise<S3Server> {
  const settings = settingsOf(`engine-${randomBytes(6).toString('hex')}`, port, credentials)
  const client = createS3Client(settings)
  await client.send(new CreateBucketCommand({ Bucket: settings.bucket }))
  return {
    port,
    settings,
    async stop() {
      const storage = await openS3Storage(settings)
      for await (const { key } of storage.walk('')) await storage.delete(key)
      await storage.close()
      await client.send(new DeleteBucketCommand({ Bucket: settings.bucket }))
      client.destroy()
    },
  }
}
