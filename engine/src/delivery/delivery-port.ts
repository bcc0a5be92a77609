import type { IncomingMessage, ServerResponse } from 'node:http'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { Refusal } from '#engine/delivery/answers.ts'
import type { HandOverSettings } from '#engine/delivery/hand-over.ts'
import type { AnswerLimits } from '#engine/delivery/open-answers.ts'
import type { SessionConnection } from '#engine/platform/session-connection.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { ServedCounter } from '#engine/usage/served-counter.ts'

/** What `createDelivery` in handler.ts is given by compose.ts. */
export type DeliveryParts = {
  pool: pg.Pool
  storage: StoragePort
  sessionSecret: string
  /** Origin that browsers follow, without a trailing slash. */
  publicUrl: string
  clock: () => Date
  log: Logger
  /** listen(PLAYBACK_CHANNEL, …) hears of ended playback in every process; started and stopped by compose.ts. */
  session: Pick<SessionConnection, 'listen'>
  /** Makes thumbnails. */
  ffmpegPath: string
  /** Told of each refused request (403), so that the embedding product can count and raise alerts. */
  onRefused?: (refusal: Refusal) => void
  /** Told of each stored object that is sent. */
  served?: ServedCounter
  /** Bytes of hot segments kept in memory; the delivery side has a default. */
  segmentCacheBytes?: number
  /** Who sends stored objects; the engine itself where unset. */
  sentBy?: HandOverSettings
  /** Bounds of what is under way at once and for how long; the delivery side has defaults. */
  answerLimits?: Partial<AnswerLimits>
}

/** Playback and images: /{44 characters}.m3u8 and /{44 characters}/… */
export type Delivery = {
  /** True if the URL is a playback URL and is being answered. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Drops all that is cached about a playback ID ('*': about all), sessions and segments, before it returns. */
  forget(playbackId: string): void
  stop(): Promise<void>
}
