import type { EngineConfig } from '#engine/compose.ts'
import type { EngineSettings } from '#engine/platform/engine-context.ts'

/** What every part may read of the configuration, defaults filled in. */
export function settingsOf(config: EngineConfig): EngineSettings {
  return {
    publicUrl: config.publicUrl.replace(/\/+$/, ''),
    sessionSecret: config.sessionSecret,
    credentials: config.credentials,
    webhooks: config.webhooks,
    folder: config.storage.folder,
    allowedInputHosts: config.allowedInputHosts ?? [],
    maxUploadBytes: config.maxUploadBytes,
    apiRateLimits: config.apiRateLimits ?? null,
    maxDurationSeconds: config.maxDurationSeconds,
    ffmpegPath: config.ffmpegPath,
    ffprobePath: config.ffprobePath,
    transcodeConcurrency: config.transcodeConcurrency ?? 1,
    transcribeCommand: config.transcribeCommand,
    minUploadRate: config.minUploadRate ?? 1024,
    uploadRateWindowMs: config.uploadRateWindowMs ?? 20_000,
    fixtures: config.testMode?.fixtures ?? false,
    strictChunks: config.testMode?.strictChunks ?? false,
    shuffleWebhooks: config.testMode?.shuffleWebhooks ?? false,
    webhookDelayMs: config.testMode?.webhookDelayMs ?? 1000,
    usageDelayHours: config.usageDelayHours ?? 12,
    usageExports: config.usageExports ?? true,
  }
}
