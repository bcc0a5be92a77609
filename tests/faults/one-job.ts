import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiFailure, createClient, type PortalClient } from '../support/portal-client.ts'
import type { Playback } from '../support/portal-people.ts'
import type { Random } from '../support/random.ts'
import { ladderComplete, type NewShare, shareByLink } from '../support/ready-video.ts'
import {
  heldBytes,
  sendChunk,
  sendRest,
  startUpload,
  type UploadPlace,
  uploadEnds,
} from '../support/send-upload.ts'
import type { Stack } from '../support/stack.ts'
import { sha256 } from '../support/stack-tools.ts'
import { type Journal, tokenIdOf } from './journal.ts'

export const KILL_PHASES = ['upload', 'processing', 'issuance'] as const
export type KillPhase = (typeof KILL_PHASES)[number]

type Job = {
  stack: Stack
  agency: PortalClient
  file: Buffer
  random: Random
  journal: Journal
  phase: KillPhase
}

const CHUNK = 64 * 1024
const VIEWERS = 4

/** One main job with one kill in the given phase; gives the moment of the kill in words. */
export async function runOneJob(job: Job): Promise<string> {
  const { agency, file, journal, phase } = job
  const place = await startUpload(agency, { name: 'clip.mp4', size: file.length })
  journal.uploads.push({ id: place.id, videoId: place.videoId, engineId: engineIdOf(place.uploadUrl) })
  journal.events.push({ action: 'upload.start', target: place.id })

  let moment = phase === 'upload' ? await killInUpload(job, place) : ''
  await sendRest(place.uploadUrl, file, CHUNK)
  if (phase === 'processing') moment = await killInProcessing(job)
  await uploadEnds(agency, place.id, 'ready')
  await ladderComplete(agency, place.videoId)

  const share = await shareByLink(agency, place.videoId)
  const kept = { id: share.id, revoked: false }
  journal.shares.push(kept)
  journal.events.push({ action: 'share.create', target: share.id })
  const viewers = Array.from({ length: VIEWERS }, () => createClient(agency.origin))
  if (phase === 'issuance') moment = await killInIssuance(job, viewers, share)
  for (const viewer of viewers) await issue(viewer, share, journal)
  await agency.call('POST', `/api/shares/${share.id}/revoke`, { reason: 'no_longer_needed' })
  kept.revoked = true
  journal.events.push({ action: 'share.revoke', target: share.id })
  for (const viewer of viewers) await mustBeRefused(viewer, share)
  return moment
}

/** Kills between the first and the last chunk, with one chunk on its way; then looks at what the disk holds. */
async function killInUpload({ stack, file, random, journal }: Job, place: UploadPlace): Promise<string> {
  const chunks = Math.floor(file.length / CHUNK)
  const before = random.below(chunks)
  let acknowledged = 0
  for (let n = 0; n < before; n += 1)
    acknowledged = await sendChunk(place.uploadUrl, file, acknowledged, CHUNK)
  const onItsWay = sendChunk(place.uploadUrl, file, acknowledged, CHUNK).catch(() => 0)
  await delay(random.below(40))
  await stack.kill()
  acknowledged = Math.max(acknowledged, await onItsWay)
  await stack.restart()

  const held = await heldBytes(place.uploadUrl, file.length)
  if (held < acknowledged) journal.lost.push(`upload: ${acknowledged} bytes acknowledged, ${held} held`)
  const stored = await readPrefix(join(stack.dataDir, 'media/spool', engineIdOf(place.uploadUrl)), held)
  if (sha256(stored) !== sha256(file.subarray(0, held)))
    journal.lost.push(`upload: the first ${held} bytes on disk are not those that were sent`)
  return `in upload after ${acknowledged} of ${file.length} bytes`
}

async function readPrefix(path: string, bytes: number): Promise<Buffer> {
  if (bytes === 0) return Buffer.alloc(0)
  const handle = await open(path)
  try {
    const prefix = Buffer.alloc(bytes)
    await handle.read(prefix, 0, bytes, 0)
    return prefix
  } finally {
    await handle.close()
  }
}

async function killInProcessing({ stack, random }: Job): Promise<string> {
  const ms = random.below(2500)
  await delay(ms)
  await stack.kill()
  await stack.restart()
  return `in processing, ${ms} ms after the last byte`
}

/** Viewers start and renew without a pause; the kill comes after a random number of answers. */
async function killInIssuance(job: Job, viewers: PortalClient[], share: NewShare): Promise<string> {
  const { stack, random, journal } = job
  const enough = VIEWERS + random.below(60)
  let answers = 0
  let killed: Promise<void> | undefined
  const watch = async (viewer: PortalClient) => {
    while (!killed) {
      try {
        await issue(viewer, share, journal)
      } catch (error) {
        // An answer that is no issuance is a fault; no answer is what a killed portal gives.
        if (error instanceof ApiFailure) throw error
      }
      answers += 1
      if (answers >= enough) killed ??= stack.kill()
    }
  }
  await Promise.all(viewers.map(watch))
  await killed
  await stack.restart()
  return `in issuance after ${answers} answers`
}

async function issue(viewer: PortalClient, share: NewShare, journal: Journal): Promise<void> {
  const { playbackUrl } = await viewer.call<Playback>('POST', `/api/share/${share.token}`)
  journal.events.push({ action: 'playback.issue', tokenId: tokenIdOf(playbackUrl) })
}

async function mustBeRefused(viewer: PortalClient, share: NewShare): Promise<void> {
  const answer = await viewer.send('POST', `/api/share/${share.token}`)
  await answer.arrayBuffer()
  if (answer.status !== 403) throw new Error(`a revoked share answered ${answer.status}`)
}

/** The engine's upload ID: the first part of the upload URL's last path segment. */
function engineIdOf(uploadUrl: string): string {
  return new URL(uploadUrl).pathname.split('/').at(-1)?.split('.')[0] ?? ''
}
