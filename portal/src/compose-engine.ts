import { join } from 'node:path'
import { createEngine } from '@mm/engine'
import type { Portal } from './compose.ts'
import { createUnsignedReporter } from './modules/playback/report-unsigned.ts'

/** The embedded engine, given what the portal decides: its folder, its keys, where its webhooks go. */
export async function composeEngine({ app, secrets, database }: Portal) {
  const { settings } = app
  return await createEngine({
    databaseUrl: settings.DATABASE_URL ?? '',
    pool: database,
    storage: { kind: 'disk', folder: join(settings.DATA_DIR, 'media') },
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
