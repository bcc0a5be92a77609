import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import { callApi, playAll, sendFile } from './engine-client.ts'
import type { Cluster, Role } from './engine-cluster.ts'

export const PHASES = ['upload', 'ingest', 'transcode', 'delivery', 'webhooks', 'receiving'] as const
export type Phase = (typeof PHASES)[number]

/** What one round must have left in the engine. */
export type Kept = {
  uploadId: string
  assetId: string
  sha256: string
  expected: 'ready' | 'errored'
  deleted: boolean
}

export type RoundResult = {
  kept: Kept | null
  moment: string
  faults: string[]
  stuck: string[]
  segments: number
}

type Round = {
  cluster: Cluster
  random: Random
  phase: Phase
  file: Buffer
  expected: Kept['expected']
  thenDelete: boolean
}

const SETTLE_MS = 150_000

/** One video from its first byte to its last segment, with one SIGKILL in the given phase. */
export async function runRound(round: Round): Promise<RoundResult> {
  const { cluster, file, expected } = round
  const result: RoundResult = { kept: null, moment: '', faults: [], stuck: [], segments: 0 }
  try {
    const upload = await callApi(cluster, 'POST', '/video/v1/uploads', {
      cors_origin: '*',
      new_asset_settings: { playback_policies: ['public'] },
    })
    const uploadId = String(upload.data.id)
    const killing = killWhileSending(round, uploadId)
    const path = new URL(String(upload.data.url)).pathname
    result.faults.push(...(await sendFile(cluster, path, file, round.random, killing.onAcknowledged)))
    killing.onAcknowledged(file.length)
    const assetId = await assetOf(cluster, uploadId)
    const sha256 = createHash('sha256').update(file).digest('hex')
    result.kept = { uploadId, assetId, sha256, expected, deleted: false }
    result.moment = (await killing.done) ?? (await killWhileProcessing(round, assetId))
    await settled(cluster, assetId)
    if (expected === 'ready') await play(round, assetId, result)
    else if (round.phase === 'delivery') result.moment = await cluster.kill('delivery')
    if (round.thenDelete) {
      const { status } = await callApi(cluster, 'DELETE', `/video/v1/assets/${assetId}`)
      // 404: a first try had done it, and its answer was lost.
      if (status !== 204 && status !== 404) result.faults.push(`a deletion was answered ${status}`)
      result.kept.deleted = true
    }
  } catch (error) {
    result.stuck.push(`${round.phase}: ${(error as Error).message}`)
  }
  result.moment ||= `${round.phase}: not reached`
  return result
}

function killWhileSending({ cluster, random, phase, file }: Round, uploadId: string) {
  const at = random.below(file.length)
  let killed: Promise<string | null> | null = null
  const kill = (role: Role, words: string) => cluster.kill(role).then((name) => `${name} ${words}`)
  let settle: (moment: string | null) => void = () => undefined
  const done = new Promise<string | null>((resolve) => {
    settle = resolve
  })
  if (phase === 'webhooks') {
    // In its hands when it dies: the receiver has the event, the sender will never know.
    cluster.sink.whileHolding(
      ({ objectId, type }) => objectId === uploadId && type === 'video.upload.asset_created',
      async () => settle(await kill('worker', 'with a webhook on its way')),
    )
  } else if (phase !== 'upload' && phase !== 'receiving') settle(null)
  return {
    done,
    onAcknowledged(bytes: number) {
      if (killed || bytes < at || (phase !== 'upload' && phase !== 'receiving')) return
      const role = phase === 'upload' ? 'api' : 'worker'
      killed = kill(role, `after ${bytes} of ${file.length} bytes had been sent`)
      void killed.then(settle)
    },
  }
}

async function killWhileProcessing(round: Round, assetId: string): Promise<string> {
  const { cluster, random, phase } = round
  if (phase === 'delivery') return 'delivery'
  if (phase === 'transcode') {
    await until(
      'the asset plays',
      async () => (await assetNow(cluster, assetId)).status !== 'preparing',
      SETTLE_MS,
      100,
    )
  }
  const ms = random.below(2_000)
  await delay(ms)
  return `${await cluster.kill('worker')} ${ms} ms into ${phase}`
}

async function play({ cluster, random, phase }: Round, assetId: string, result: RoundResult): Promise<void> {
  const asset = await assetNow(cluster, assetId)
  const [playback] = asset.playback_ids as { id: string }[]
  const killing =
    phase === 'delivery'
      ? delay(random.below(150)).then(async () => `${await cluster.kill('delivery')} while it delivered`)
      : null
  const { faults, segments } = await playAll(cluster, playback?.id ?? '')
  result.faults.push(...faults)
  result.segments = segments
  if (killing) result.moment = await killing
}

async function assetOf(cluster: Cluster, uploadId: string): Promise<string> {
  return until('the upload has its asset', async () => {
    const { data } = await callApi(cluster, 'GET', `/video/v1/uploads/${uploadId}`)
    return data.asset_id as string | undefined
  })
}

async function assetNow(cluster: Cluster, assetId: string): Promise<Record<string, unknown>> {
  return (await callApi(cluster, 'GET', `/video/v1/assets/${assetId}`)).data
}

/** Ready with its whole ladder, or errored. */
async function settled(cluster: Cluster, assetId: string): Promise<void> {
  await until(
    `asset ${assetId} comes to its end`,
    async () => {
      const { progress } = await assetNow(cluster, assetId)
      return ['completed', 'errored'].includes((progress as { state: string } | undefined)?.state ?? '')
    },
    SETTLE_MS,
    250,
  )
}
