import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { SignJWT } from 'jose'
import pino from 'pino'
import { tellPlaybackEnded } from '../../engine/src/assets/playback-sessions.ts'
import type { Refusal } from '../../engine/src/delivery/answers.ts'
import type { Delivery, DeliveryParts } from '../../engine/src/delivery/delivery-port.ts'
import { createDelivery } from '../../engine/src/delivery/handler.ts'
import { measureIframes } from '../../engine/src/media/bandwidth.ts'
import { newId, newPlaybackId } from '../../engine/src/platform/ids.ts'
import { createSessionConnection } from '../../engine/src/platform/session-connection.ts'
import type { IngestRun } from './ingest-run.ts'
import { listenOnFreePort } from './listen.ts'
import { toolPaths } from './media-clips.ts'
import type { TestDatabase } from './test-postgres.ts'

export type PlaybackNode = { origin: string; delivery: Delivery; refusals: Refusal[]; stop(): Promise<void> }

export type Claims = Record<string, unknown>

type NodeOptions = { deaf?: boolean } & Partial<
  Pick<DeliveryParts, 'pool' | 'storage' | 'segmentCacheBytes' | 'sentBy' | 'answerLimits'>
>

export type PlaybackStack = {
  db: TestDatabase
  assetId: string
  playbackId: string
  keyId: string
  privateKey: KeyObject
  /** The engine's clock; tests move it. */
  now: Date
  /** A process that delivers; `deaf` never hears of revocations from the others. */
  node(options?: NodeOptions): Promise<PlaybackNode>
  /** A token for this playback ID that lives 300 s; `changes` replace claims, undefined removes one. */
  token(changes?: Claims, header?: Claims, key?: KeyObject): Promise<string>
  addPlaybackId(policy: 'public' | 'signed'): Promise<string>
  /** Tells every process that listens, as the engine's REST side does. */
  tell(playbackId: string): Promise<void>
}

/** The asset of an ingest run in a database, ready to be played by one or more delivery processes. */
export async function createPlaybackStack(db: TestDatabase, run: IngestRun): Promise<PlaybackStack> {
  const log = pino({ level: 'silent' })
  const assetId = run.renditions[0]!.folder.split('/')[1]!
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keyId = newId()
  const stack: PlaybackStack = {
    db,
    assetId,
    playbackId: '',
    keyId,
    privateKey,
    now: new Date('2026-11-22T10:00:00Z'),
    async node({ deaf = false, ...parts } = {}) {
      const session = createSessionConnection(db.pool, log)
      const refusals: Refusal[] = []
      const delivery = createDelivery({
        pool: db.pool,
        storage: run.storage,
        sessionSecret: 'a secret that only delivery knows',
        publicUrl: 'http://video.test',
        clock: () => stack.now,
        log,
        session: deaf ? { listen: () => undefined } : session,
        ffmpegPath: (await toolPaths()).ffmpegPath,
        onRefused: (refusal) => refusals.push(refusal),
        ...parts,
      })
      if (!deaf) await session.start()
      const server = createServer((req, res) => {
        if (!delivery.handle(req, res)) res.writeHead(418).end()
      })
      const { origin, stop } = await listenOnFreePort(server)
      return {
        origin,
        delivery,
        refusals,
        async stop() {
          await stop()
          await delivery.stop()
          await session.stop()
        },
      }
    },
    async token(changes = {}, header = {}, key = privateKey) {
      const exp = Math.floor(stack.now.getTime() / 1000) + 300
      const claims = { sub: stack.playbackId, aud: 'v', exp, kid: keyId, session: newClaim(), ...changes }
      return await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...header }).sign(key)
    },
    async addPlaybackId(policy) {
      const id = newPlaybackId()
      await db.pool.query('insert into engine.playback_ids values ($1, $2, $3, $4)', [
        id,
        assetId,
        policy,
        stack.now,
      ])
      return id
    },
    tell: (playbackId) => tellPlaybackEnded(db.pool, playbackId),
  }
  await insertAsset(stack, run)
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  await db.pool.query('insert into engine.signing_keys values ($1, $2, $3)', [keyId, pem, stack.now])
  stack.playbackId = await stack.addPlaybackId('signed')
  return stack
}

/** A fresh session claim, one viewer's playback. */
export const newClaim = () => randomBytes(16).toString('base64url')

async function insertAsset({ db, assetId, now }: PlaybackStack, run: IngestRun): Promise<void> {
  await db.pool.query(
    `insert into engine.assets (id, status, ingest_type, duration_seconds, images, deadline_at, created_at,
       playable_at, completed_at)
     values ($1, 'ready', 'on_demand_direct_upload', $2, $3, $4, $4, $4, $4)`,
    [assetId, run.media!.durationSeconds, JSON.stringify(run.images), now],
  )
  for (const rendition of run.renditions) {
    const rates = measureIframes(rendition.iframes)
    await db.pool.query(
      `insert into engine.renditions (asset_id, name, kind, width, height, frame_rate, codecs, bandwidth,
         average_bandwidth, channels, language, init_bytes, segments, folder, created_at, iframes, status,
         iframe_bandwidth, iframe_average_bandwidth)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
      [
        ...[assetId, rendition.name, rendition.kind, rendition.width, rendition.height, rendition.frameRate],
        ...[rendition.codecs, rendition.bandwidth, rendition.averageBandwidth, rendition.channels],
        ...[rendition.language, rendition.initBytes],
        JSON.stringify(rendition.segments.map(({ duration, bytes }) => [duration, bytes])),
        ...[rendition.folder, now, JSON.stringify(rendition.iframes)],
        ...[rendition.growing ? 'growing' : 'ready', rates?.bandwidth, rates?.averageBandwidth],
      ],
    )
  }
}
