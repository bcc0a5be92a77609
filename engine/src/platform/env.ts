import { resolve } from 'node:path'
import { z } from 'zod'
import type { EngineConfig } from '#engine/compose.ts'
import { FIXTURE_CREDENTIALS, fixtureEnvironment } from '#engine/fixtures/fixture-mode.ts'
import type { TlsFiles } from '#engine/platform/own-certificate.ts'
import { readS3Settings } from '#engine/storage/s3-settings.ts'

const ROLES = ['api', 'delivery', 'worker'] as const
const TEST_MODES = ['strict-chunks', 'shuffle-webhooks', 'fixtures'] as const

const origin = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })
const wholeNumber = z.coerce.number({ error: 'must be a number' }).int().positive()
const listOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z
    .string()
    .transform((text) => text.split(',').filter((each) => each !== ''))
    .pipe(z.array(z.enum(values, { error: `must be a comma-separated list of ${values.join(', ')}` })))

const settings = z.object({
  DATABASE_URL: z
    .string({ error: 'must be set: the Postgres to use, postgres://user:password@host/database' })
    .min(1),
  ENGINE_DATA_DIR: z.string({ error: 'must be set: the folder that keeps uploads and videos' }).min(1),
  ENGINE_TOKEN_ID: z.string({ error: 'must be set: the user name of the REST API' }).min(1),
  ENGINE_TOKEN_SECRET: z
    .string({ error: 'must be set: the password of the REST API' })
    .min(16, 'needs 16 characters'),
  ENGINE_SESSION_SECRET: z
    .string({ error: 'must be set: signs URLs' })
    .min(32, 'needs at least 32 characters'),
  ENGINE_HOST: z.string().default('127.0.0.1'),
  ENGINE_PORT: z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65_535).default(4100),
  ENGINE_PUBLIC_URL: origin.optional(),
  ENGINE_TLS_CERT_FILE: z.string().optional(),
  ENGINE_TLS_KEY_FILE: z.string().optional(),
  ENGINE_MAX_CONNECTIONS: wholeNumber.max(1_000_000).default(10_000),
  ENGINE_WEBHOOK_URL: origin.optional(),
  ENGINE_WEBHOOK_SECRET: z.string().min(16, 'needs 16 characters').optional(),
  ENGINE_ALLOWED_INPUT_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((each) => each !== '')),
  ENGINE_ROLES: listOf(ROLES).default([...ROLES]),
  ENGINE_DELIVERY: z.enum(['direct', 'accel', 'presigned']).default('direct'),
  ENGINE_ACCEL_LOCATION: z
    .string()
    .regex(/^\/[a-z0-9/_-]+$/i, 'must be a path, such as /engine-media/')
    .default('/engine-media/'),
  ENGINE_PRESIGNED_SECONDS: wholeNumber.max(300, 'at most 300: a revoke waits for it').default(30),
  ENGINE_PROCESSES: z.coerce.number({ error: 'must be a number' }).int().min(1).max(64).default(1),
  ENGINE_MAX_UPLOAD_BYTES: wholeNumber.default(50_000_000_000),
  ENGINE_API_RATE_LIMITS: z
    .string()
    .regex(
      /^\d{1,6}(\.\d+)?,\d{1,6}(\.\d+)?$/,
      'must be two numbers: POSTs and other requests a second, as in 1,5',
    )
    .transform((text) => text.split(',').map(Number))
    .transform(([posts = 1, others = 5]) => ({ posts, others }))
    .optional(),
  ENGINE_MAX_DURATION_SECONDS: wholeNumber.default(43_200),
  ENGINE_TRANSCODE_CONCURRENCY: wholeNumber.default(1),
  ENGINE_SEGMENT_CACHE_BYTES: wholeNumber.optional(),
  ENGINE_MIN_UPLOAD_RATE: z.coerce.number({ error: 'must be a number' }).int().nonnegative().default(1024),
  ENGINE_UPLOAD_RATE_WINDOW_MS: wholeNumber.default(20_000),
  ENGINE_TEST_MODE: listOf(TEST_MODES).default([]),
  ENGINE_TEST_WEBHOOK_DELAY_MS: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(0)
    .max(10_000)
    .default(1000),
  ENGINE_USAGE_DELAY_HOURS: z.coerce.number({ error: 'must be a number' }).int().min(0).max(48).default(12),
  ENGINE_USAGE_EXPORTS: z.enum(['on', 'off']).default('on'),
  ENGINE_TEST_STORAGE_FAULTS: z.coerce.number({ error: 'must be a number' }).min(0).max(1).optional(),
  ENGINE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ENGINE_TRANSCRIBE_COMMAND: z.string().startsWith('/', 'must be an absolute path').optional(),
  FFMPEG_PATH: z.string().default('ffmpeg'),
  FFPROBE_PATH: z.string().default('ffprobe'),
})

export type ServerSettings = {
  host: string
  port: number
  logLevel: string
  /** That answer requests; jobs have one of their own where there are several. */
  processes: number
  /** Open connections of one process. */
  maxConnections: number
  /** With them the engine itself speaks TLS. */
  tls?: TlsFiles | undefined
  config: EngineConfig
}

function storageOf(folder: string, env: Record<string, string | undefined>): EngineConfig['storage'] {
  try {
    const s3 = readS3Settings(env)
    return s3 ? { kind: 's3', folder, s3 } : { kind: 'disk', folder }
  } catch (error) {
    throw new Error(`The engine can't start with these settings:\n${(error as Error).message}`)
  }
}

/** Reads the settings of an engine that runs alone. Throws one Error whose message says each thing to set. */
export function readSettings(given: Record<string, string | undefined>): ServerSettings {
  const fixtures = (given.ENGINE_TEST_MODE ?? '').split(',').includes('fixtures')
  const env = fixtures ? fixtureEnvironment(given) : given
  // An empty variable counts as unset.
  const parsed = settings.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
  )
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path[0]?.toString()}: ${issue.message}`)
    throw new Error(`The engine can't start with these settings:\n${lines.join('\n')}`)
  }
  const values = parsed.data
  if (values.ENGINE_WEBHOOK_URL && !values.ENGINE_WEBHOOK_SECRET) {
    throw new Error(
      "The engine can't start with these settings:\nENGINE_WEBHOOK_SECRET: must be set: signs webhooks",
    )
  }
  const tls = tlsOf(values)
  return {
    host: values.ENGINE_HOST,
    port: values.ENGINE_PORT,
    logLevel: values.ENGINE_LOG_LEVEL,
    processes: values.ENGINE_PROCESSES,
    maxConnections: values.ENGINE_MAX_CONNECTIONS,
    tls,
    config: {
      databaseUrl: values.DATABASE_URL,
      storage: storageOf(resolve(values.ENGINE_DATA_DIR), env),
      publicUrl: values.ENGINE_PUBLIC_URL ?? `${tls ? 'https' : 'http'}://localhost:${values.ENGINE_PORT}`,
      credentials: fixtures
        ? [FIXTURE_CREDENTIALS]
        : [{ id: values.ENGINE_TOKEN_ID, secret: values.ENGINE_TOKEN_SECRET }],
      webhooks: values.ENGINE_WEBHOOK_URL
        ? [{ url: values.ENGINE_WEBHOOK_URL, secret: values.ENGINE_WEBHOOK_SECRET! }]
        : [],
      sessionSecret: values.ENGINE_SESSION_SECRET,
      ffmpegPath: values.FFMPEG_PATH,
      ffprobePath: values.FFPROBE_PATH,
      roles: values.ENGINE_ROLES,
      maxUploadBytes: values.ENGINE_MAX_UPLOAD_BYTES,
      apiRateLimits: values.ENGINE_API_RATE_LIMITS,
      allowedInputHosts: values.ENGINE_ALLOWED_INPUT_HOSTS,
      maxDurationSeconds: values.ENGINE_MAX_DURATION_SECONDS,
      transcribeCommand: values.ENGINE_TRANSCRIBE_COMMAND,
      transcodeConcurrency: values.ENGINE_TRANSCODE_CONCURRENCY,
      segmentCacheBytes: values.ENGINE_SEGMENT_CACHE_BYTES,
      sentBy: senderOf(values),
      minUploadRate: values.ENGINE_MIN_UPLOAD_RATE,
      uploadRateWindowMs: values.ENGINE_UPLOAD_RATE_WINDOW_MS,
      usageDelayHours: values.ENGINE_USAGE_DELAY_HOURS,
      usageExports: values.ENGINE_USAGE_EXPORTS === 'on',
      testMode: {
        storageFaults: values.ENGINE_TEST_STORAGE_FAULTS,
        fixtures,
        strictChunks: values.ENGINE_TEST_MODE.includes('strict-chunks'),
        shuffleWebhooks: values.ENGINE_TEST_MODE.includes('shuffle-webhooks'),
        webhookDelayMs: values.ENGINE_TEST_WEBHOOK_DELAY_MS,
      },
    },
  }
}

function tlsOf(values: z.infer<typeof settings>): TlsFiles | undefined {
  const { ENGINE_TLS_CERT_FILE: certFile, ENGINE_TLS_KEY_FILE: keyFile, ENGINE_PUBLIC_URL } = values
  if (!certFile && !keyFile) return undefined
  if (!certFile || !keyFile)
    throw new Error(
      "The engine can't start with these settings:\nENGINE_TLS_CERT_FILE, ENGINE_TLS_KEY_FILE: belong together, set both or neither",
    )
  if (ENGINE_PUBLIC_URL?.startsWith('http:'))
    throw new Error(
      "The engine can't start with these settings:\nENGINE_PUBLIC_URL: must begin with https:// where ENGINE_TLS_CERT_FILE is set",
    )
  return { certFile, keyFile }
}

function senderOf(values: z.infer<typeof settings>): EngineConfig['sentBy'] {
  if (values.ENGINE_DELIVERY === 'accel') return { kind: 'accel', location: values.ENGINE_ACCEL_LOCATION }
  if (values.ENGINE_DELIVERY === 'presigned')
    return { kind: 'presigned', seconds: values.ENGINE_PRESIGNED_SECONDS }
  return undefined
}
