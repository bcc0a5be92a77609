import { afterAll, beforeAll } from 'vitest'
import { type S3Server, startS3Server } from '../../../../tests/support/s3-server.ts'
import { storageContract } from './contract.ts'
import { createS3Storage } from './s3.ts'

let server: S3Server
let stores = 0
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())

// One bucket; each store has a prefix of its own.
storageContract('S3', async () => {
  stores += 1
  const { bucket, region, endpoint, credentials, forcePathStyle } = server.settings
  return createS3Storage({
    ...{ bucket, region, forcePathStyle },
    endpoint: endpoint ?? undefined,
    credentials: credentials ?? undefined,
    prefix: `store-${stores}/`,
  })
})
