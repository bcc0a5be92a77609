import { join } from 'node:path'
import { createEngine } from '@mm/engine'
import type { Portal } from './compose.ts'
import { createUnsignedReporter } from './modules/playback/report-unsigned.ts'
import type { Settings } from './platform/env.ts'

// Work in progress lies in the folder in both cases.
function storageOf(settings: Settings) {
  const folder = join(settings.DATA_DIR, 'media')
  if (!settings.S3_BUCKET) return { kind: 'disk' as const, folder }
  const { S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secret, S3_PREFIX: prefix } = settings
  const s3 = {
    bucket: settings.S3_BUCKET,
    region: settings.S3_REGION,
    endpoint: settings.S3_ENDPOINT ?? null,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    credentials: id && secret ? { accessKeyId: id, secretAccessKey: secret } : null,
    forcePathStyle: settings.S3_FORCE_PATH_STYLE,
  }
  return { kind: 's3' as const, folder, s3 }
}

/** The embedded engine, given what the portal decides: its folder, its keys, where its webhooks go. */
export async function composeEngine({ app, secrets, database }: Portal) {
  const { settings } = app
  return await createEngine({
    databaseUrl: settings.DATABASE_URL ?? '',
    pool: database,
    storage: storageOf(settings),
    publicUrl: settings.PUBLIC_URL,
    credentials: [{ id: secrets.engineTokenId, secret: secrets.engineTokenSecret }],
    webhooks: [{ url: `${settings.INTERNAL_URL}/api/webhooks/mux`, secret: secrets.webhookSecret }],
    sessionSecret: secrets.engineSessionSecret,
    ffmpegPath: settings.FFMPEG_PATH,
    ffprobePath: settings.FFPROBE_PATH,
    roles: ['api', 'delivery', 'worker'],
    clock: app.clock,
    log: app.log.child({ part: 'engine' }),
    maxUploadBytes: settings.MAX_UPLOAD_BYTES,
    maxDurationSeconds: settings.MAX_VIDEO_SECONDS,
    onPlaybackRefused: createUnsignedReporter(app),
  })
}
