import type pg from 'pg'
import type { Logger } from 'pino'
import type { SessionConnection } from './session-connection.ts'

/** What every part of one running engine shares. */
export type EngineContext = {
  pool: pg.Pool
  settings: EngineSettings
  clock: () => Date
  log: Logger
  session: SessionConnection
  /** Tells this process's delivery side at once; other processes hear it from Postgres. '*' means all. */
  onPlaybackEnded: (playbackId: string) => void
}

export type EngineSettings = {
  /** Origin that browsers follow, without a trailing slash. */
  publicUrl: string
  sessionSecret: string
  credentials: { id: string; secret: string }[]
  webhooks: { url: string; secret: string }[]
  /** Absolute path; holds spool/ (uploads), work/ (attempts) and objects/ (finished files). */
  folder: string
  /** Hosts (`name` or `name:port`) that inputs and webhooks may name although they are not public; `*`: all. */
  allowedInputHosts: string[]
  maxUploadBytes: number
  /** Requests a second that each API credential may make; null: as many as it likes. */
  apiRateLimits: { posts: number; others: number } | null
  maxDurationSeconds: number
  ffmpegPath: string
  ffprobePath: string
  transcodeConcurrency: number
  /** Absolute path of a speech recogniser (see media/transcribe.ts); without it captions can't be generated. */
  transcribeCommand?: string
  /** Slowest acceptable upload stream, bytes a second over `uploadRateWindowMs`. */
  minUploadRate: number
  uploadRateWindowMs: number
  /** Refuse chunks that are not multiples of 256 KiB, as Mux does. */
  strictChunks: boolean
  /** Made-up things have the ids that the official SDK's own tests ask for; see fixtures/. */
  fixtures: boolean
  /** Send each webhook twice and in random order, each up to `webhookDelayMs` late. */
  shuffleWebhooks: boolean
  webhookDelayMs: number
  /** How long after an hour its delivery usage is answered; 12 as Mux, 0 for at once. */
  usageDelayHours: number
  usageExports: boolean
}
