import { join } from 'node:path'
import type pg from 'pg'
import { createPagerDuty } from './adapters/alerts/pagerduty.ts'
import type { AlertChannel } from './adapters/alerts/port.ts'
import { createSlack } from './adapters/alerts/slack.ts'
import { createAlerts } from './adapters/alerts/table.ts'
import { createLogErrors } from './adapters/errors/log.ts'
import { createSentryErrors } from './adapters/errors/sentry.ts'
import { createBetterAuthIdentity } from './adapters/identity/better-auth.ts'
import { createClerkIdentity } from './adapters/identity/clerk.ts'
import { withOidc } from './adapters/identity/oidc.ts'
import type { IdentityPort, VendorPerson } from './adapters/identity/port.ts'
import { keptInDatabase } from './adapters/limits/keep.ts'
import { createMemoryStore } from './adapters/limits/memory.ts'
import type { LimitsPort } from './adapters/limits/port.ts'
import { createPostgresStore } from './adapters/limits/postgres.ts'
import { createRedisStore } from './adapters/limits/redis.ts'
import { remembering } from './adapters/limits/remember.ts'
import { createOutboxMail } from './adapters/mail/outbox.ts'
import type { MailPort } from './adapters/mail/port.ts'
import { createResendMail } from './adapters/mail/resend.ts'
import { createSmtpMail } from './adapters/mail/smtp.ts'
import { createDiskStorage } from './adapters/storage/disk.ts'
import type { StoragePort } from './adapters/storage/port.ts'
import { createS3Storage } from './adapters/storage/s3.ts'
import { createMuxVideo, MUX_CLOUD } from './adapters/video/mux.ts'
import { MUX_STATUS_URL } from './adapters/video/mux-status.ts'
import type { VideoPort } from './adapters/video/port.ts'
import { authSchema } from './modules/identity/auth-schema.ts'
import { createSessionStore } from './modules/identity/session-store.ts'
import type { Ports } from './platform/app.ts'
import type { Db } from './platform/db.ts'
import type { Settings } from './platform/env.ts'
import { installationMark, type Keys } from './platform/keys.ts'
import type { Log } from './platform/log.ts'
import type { Secrets } from './platform/secrets.ts'

type Parts = {
  settings: Settings
  secrets: Secrets
  keys: Keys
  pool: pg.Pool
  postgres: { pool: pg.PoolConfig }
  db: Db
  log: Log
  clock: () => Date
  /** Who a person is here whom another identity service has proved; null for somebody who was not invited. */
  admit: (person: VendorPerson) => Promise<string | null>
  /** Leaves a sign-in that another identity service or its answer spoiled in the log. */
  refused: (provider: string, reason: string) => Promise<void>
}

/** Each port's vendor, by the settings; without any, everything is embedded. */
export async function composePorts(parts: Parts): Promise<Ports> {
  const { settings, pool, log, clock } = parts
  const alertChannels = composeAlertChannels(settings)
  const channels = [...alertChannels.map(({ name }) => name), 'email' as const]
  return {
    video: composeVideo(parts),
    storage: composeStorage(settings),
    mail: composeMail(parts),
    identity: composeIdentity(parts),
    limits: composeLimits(parts),
    alerts: createAlerts({ pool, log, clock, channels }),
    alertChannels,
    errors: settings.SENTRY_DSN
      ? await createSentryErrors({ dsn: settings.SENTRY_DSN, log })
      : createLogErrors({ log }),
  }
}

/** Beside the mail that operations always get. */
function composeAlertChannels(settings: Settings): AlertChannel[] {
  const { PAGERDUTY_ROUTING_KEY: routingKey, PAGERDUTY_BASE_URL: baseUrl, SLACK_WEBHOOK_URL } = settings
  const source = new URL(settings.PUBLIC_URL).host
  const privateHosts = settings.PRIVATE_HOSTS
  return [
    ...(routingKey ? [createPagerDuty({ routingKey, baseUrl, source, privateHosts })] : []),
    ...(SLACK_WEBHOOK_URL ? [createSlack({ webhookUrl: SLACK_WEBHOOK_URL, privateHosts })] : []),
  ]
}

/** One count for all processes; an embedded database has one process, which need not ask it. */
function composeLimits({ settings, pool, postgres, log }: Parts): LimitsPort {
  if (settings.REDIS_URL) return remembering(createRedisStore({ url: settings.REDIS_URL, log }))
  if (settings.DATABASE_URL) return remembering(createPostgresStore({ database: postgres.pool, log }))
  return remembering(keptInDatabase(createMemoryStore(), { pool, log }))
}

function composeVideo({ settings, secrets, keys }: Parts): VideoPort {
  const installation = installationMark(keys)
  if (settings.videoProvider === 'engine') {
    return createMuxVideo({
      provider: 'engine',
      apiOrigin: settings.INTERNAL_URL,
      tokenId: secrets.engineTokenId,
      tokenSecret: secrets.engineTokenSecret,
      webhookSecret: secrets.webhookSecret,
      installation,
      streamOrigin: settings.PUBLIC_URL,
      imageOrigin: settings.PUBLIC_URL,
    })
  }
  return createMuxVideo({
    provider: 'mux',
    ...MUX_CLOUD,
    ...(settings.MUX_BASE_URL ? { apiOrigin: settings.MUX_BASE_URL } : {}),
    tokenId: settings.MUX_TOKEN_ID ?? '',
    tokenSecret: settings.MUX_TOKEN_SECRET ?? '',
    webhookSecret: settings.MUX_WEBHOOK_SECRET ?? '',
    statusUrl: settings.MUX_STATUS_URL ?? (settings.MUX_BASE_URL ? null : MUX_STATUS_URL),
    installation,
  })
}

function composeIdentity({ settings, keys, db, admit, refused }: Parts): IdentityPort {
  if (settings.CLERK_SECRET_KEY) {
    return createClerkIdentity({
      secretKey: settings.CLERK_SECRET_KEY,
      publishableKey: settings.CLERK_PUBLISHABLE_KEY ?? '',
      jwtKey: settings.CLERK_JWT_KEY ?? '',
      signInUrl: settings.CLERK_SIGN_IN_URL,
      apiUrl: settings.CLERK_API_URL,
      baseUrl: settings.PUBLIC_URL,
      sessions: createSessionStore(db),
      admit,
    })
  }
  const baseUrl = settings.PUBLIC_URL
  const own = createBetterAuthIdentity({ db, secret: keys.auth, baseUrl, schema: authSchema })
  if (!settings.OIDC_ISSUER) return own
  return withOidc(own, {
    issuer: settings.OIDC_ISSUER,
    clientId: settings.OIDC_CLIENT_ID ?? '',
    clientSecret: settings.OIDC_CLIENT_SECRET ?? '',
    name: settings.OIDC_NAME,
    privateHosts: settings.PRIVATE_HOSTS,
    ...{ baseUrl, admit, refused },
  })
}

/** Beside the media, in the same bucket or folder of data. */
export function composeStorage(settings: Settings): StoragePort {
  if (!settings.S3_BUCKET) return createDiskStorage({ folder: join(settings.DATA_DIR, 'files') })
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey, S3_PREFIX } = settings
  return createS3Storage({
    bucket: settings.S3_BUCKET,
    region: settings.S3_REGION,
    endpoint: settings.S3_ENDPOINT,
    prefix: `${S3_PREFIX === '' || S3_PREFIX.endsWith('/') ? S3_PREFIX : `${S3_PREFIX}/`}portal/`,
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    forcePathStyle: settings.S3_FORCE_PATH_STYLE,
  })
}

function composeMail({ settings, keys, pool, clock }: Parts): MailPort {
  const from = settings.MAIL_FROM
  if (settings.RESEND_API_KEY)
    return createResendMail({ apiKey: settings.RESEND_API_KEY, from, baseUrl: settings.RESEND_BASE_URL })
  if (settings.SMTP_URL) return createSmtpMail({ url: settings.SMTP_URL, from })
  return createOutboxMail({ pool, sealKey: keys.seal, clock })
}
