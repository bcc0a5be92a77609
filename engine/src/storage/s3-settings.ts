import { z } from 'zod'
import type { S3Settings } from '#engine/storage/s3-client.ts'

const yesOrNo = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')

const settings = z
  .object({
    BUCKET: z.string().min(3),
    REGION: z.string().default('us-east-1'),
    ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    PREFIX: z
      .string()
      .default('')
      .transform((text) => (text === '' || text.endsWith('/') ? text : `${text}/`)),
    ACCESS_KEY_ID: z.string().optional(),
    SECRET_ACCESS_KEY: z.string().optional(),
    FORCE_PATH_STYLE: yesOrNo.optional(),
  })
  .refine(
    ({ ACCESS_KEY_ID: id, SECRET_ACCESS_KEY: secret }) => (id === undefined) === (secret === undefined),
    {
      path: ['SECRET_ACCESS_KEY'],
      error: 'must be set together with the access key id',
    },
  )

/**
 * Reads S3_BUCKET, S3_REGION, S3_ENDPOINT, S3_PREFIX, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_FORCE_PATH_STYLE
 * (true by default where an endpoint is named); ENGINE_S3_… wins. Null without a bucket. Throws an Error that says
 * what to set, and never a value.
 */
export function readS3Settings(env: Record<string, string | undefined>): S3Settings | null {
  const values = Object.fromEntries(
    Object.keys(settings.shape).map((name) => [
      name,
      env[`ENGINE_S3_${name}`] || env[`S3_${name}`] || undefined,
    ]),
  )
  if (values.BUCKET === undefined) return null
  const parsed = settings.safeParse(values)
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `S3_${path[0]?.toString()}: ${message}`).join('\n'),
    )
  }
  const { data } = parsed
  return {
    bucket: data.BUCKET,
    region: data.REGION,
    prefix: data.PREFIX,
    endpoint: data.ENDPOINT ?? null,
    credentials:
      data.ACCESS_KEY_ID && data.SECRET_ACCESS_KEY
        ? { accessKeyId: data.ACCESS_KEY_ID, secretAccessKey: data.SECRET_ACCESS_KEY }
        : null,
    forcePathStyle: data.FORCE_PATH_STYLE ?? data.ENDPOINT !== undefined,
  }
}
