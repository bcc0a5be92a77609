import { z } from 'zod'
import { flag, origin, wholeNumber } from './fields.ts'

/** Longest life a playback token may be given (SPS-06). */
export const TOKEN_TTL_CEILING_SECONDS = 900

/** Where video is kept, prepared and played from. */
export const videoSettings = {
  MUX_TOKEN_ID: z
    .string()
    .min(1)
    .optional()
    .describe("Mux access token's ID; with it, Mux's cloud takes the engine's place"),
  MUX_TOKEN_SECRET: z.string().min(1).optional().describe("Mux access token's secret"),
  MUX_WEBHOOK_SECRET: z.string().min(1).optional().describe("Secret of Mux's webhook endpoint"),
  MUX_BASE_URL: origin.optional().describe('Another origin that speaks the Mux API'),
  MUX_STATUS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'Status page whose notices become alerts (Statuspage’s summary.json); Mux’s own where its cloud is used',
    ),
  S3_BUCKET: z.string().min(3).optional().describe('Bucket for media, in place of DATA_DIR/media'),
  S3_REGION: z.string().min(1).default('us-east-1').describe("The bucket's region"),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe("Another S3-speaking service than Amazon's"),
  S3_PREFIX: z.string().default('').describe('Before every key in the bucket'),
  S3_ACCESS_KEY_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Access key; without it, found as the AWS tools find theirs'),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional().describe("The access key's secret"),
  S3_FORCE_PATH_STYLE: flag(true).describe(
    'https://host/bucket/key, which every service understands; false: https://bucket.host/key',
  ),
  FFMPEG_PATH: z.string().min(1).default('ffmpeg').describe('ffmpeg to use'),
  FFPROBE_PATH: z.string().min(1).default('ffprobe').describe('ffprobe to use'),
  MAX_UPLOAD_BYTES: wholeNumber(1024, 1024 ** 4, 50 * 1024 ** 3).describe('Largest file accepted, in bytes'),
  MAX_VIDEO_SECONDS: wholeNumber(1, 7 * 86_400, 12 * 3600).describe('Longest video accepted, in seconds'),
  PLAYBACK_TOKEN_TTL_SECONDS: wholeNumber(10, TOKEN_TTL_CEILING_SECONDS, 300).describe(
    'Life of a playback token, in seconds',
  ),
  REVOKE_PROBE_MINUTES: wholeNumber(0, 1440, 5).describe(
    'Minutes between two synthetic revokes, which measure how soon playback ends; 0: none',
  ),
  SIGNING_KEY_DAYS: wholeNumber(1, 90, 90).describe('Days after which the key that signs tokens is replaced'),
  MUX_WEBHOOK_DLQ_ENABLED: flag(true).describe(
    'Dead letters are replayed, by themselves and by people; false: they are kept, and nothing replays them',
  ),
  UPLOAD_TELEMETRY_ENABLED: flag(true).describe('false: nothing of uploads is counted for metrics'),
  MINIMAL_ANALYTICS_ENABLED: flag(true).describe(
    'What viewers played is kept, where they were told and did not object; false: no report of a player is kept',
  ),
  CONSENT_BANNER_ENABLED: flag(true).describe(
    'Viewers are told and asked what may be kept of how they watch; false: nobody is asked, and nothing of it is kept',
  ),
  SIGNED_PLAYBACK_ENFORCED: flag(true).describe('Must stay true: unsigned playback does not exist'),
}
