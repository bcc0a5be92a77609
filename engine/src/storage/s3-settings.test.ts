import { expect, it } from 'vitest'
import { readS3Settings } from '#engine/storage/s3-settings.ts'

it('reads S3_… and lets ENGINE_S3_… win; no bucket, no S3', () => {
  expect(readS3Settings({ S3_REGION: 'eu-central-1' })).toBeNull()
  expect(
    readS3Settings({
      S3_BUCKET: 'shared',
      ENGINE_S3_BUCKET: 'videos',
      S3_ENDPOINT: 'http://store:7480',
      S3_PREFIX: 'engine',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'secret',
    }),
  ).toEqual({
    bucket: 'videos',
    region: 'us-east-1',
    prefix: 'engine/',
    endpoint: 'http://store:7480',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    forcePathStyle: true,
  })
})

it('says what is missing, and no value', () => {
  const wrong = () =>
    readS3Settings({ S3_BUCKET: 'videos', S3_SECRET_ACCESS_KEY: 'hush', S3_ENDPOINT: 'store' })
  expect(wrong).toThrow(/S3_ENDPOINT: must be an http/)
  expect(() => readS3Settings({ S3_BUCKET: 'videos', S3_SECRET_ACCESS_KEY: 'hush' })).toThrow(
    /^S3_SECRET_ACCESS_KEY: must be set together/,
  )
})
