import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { keepMachineAccount } from '#portal/modules/identity/keep-machine-account.ts'
import { PROBE_ORGANISATION } from '#portal/modules/sharing/probe-facts.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { listVideos } from '#portal/modules/videos/list-videos.ts'
import type { App } from '#portal/platform/app.ts'
import type { Actor } from '#portal/platform/context.ts'

/** The probe's own account: nobody can sign in to it. */
export const PROBE_ACTOR: Extract<Actor, { kind: 'user' }> = {
  kind: 'user',
  id: 'usr_probe',
  role: 'agency',
  groups: [],
  organisationId: PROBE_ORGANISATION,
}

const NAME = 'Revoke probe'
const READY_MS = 90_000
const LOOK_EVERY_MS = 500
const UPLOAD_MS = 30_000

/**
 * The black clip that probes play, four seconds and two kilobytes, uploaded the first time like any other video.
 * @throws Error in one sentence where it does not become ready
 */
export async function keepProbeVideo(app: App): Promise<string> {
  const ctx = () => app.newContext(PROBE_ACTOR)
  const deadline = app.clock().getTime() + READY_MS
  for (let uploaded = false; ; ) {
    const { items } = await app.call(listVideos, { limit: 20 }, ctx())
    const ready = items.find(({ status }) => status === 'ready')
    if (ready) return ready.id
    if (!uploaded && !items.some(({ status }) => status === 'waiting' || status === 'processing')) {
      await uploadClip(app)
      uploaded = true
    }
    if (app.clock().getTime() > deadline) throw new Error('The probe’s clip is not ready to play.')
    await delay(LOOK_EVERY_MS)
  }
}

async function uploadClip(app: App): Promise<void> {
  const ctx = app.newContext(PROBE_ACTOR)
  const { id: userId, organisationId } = PROBE_ACTOR
  await app.db.transaction((tx) =>
    keepMachineAccount(tx, { organisationId, userId, name: NAME, region: ctx.region, now: ctx.now }),
  )
  const clip = await readFile(new URL('./probe-clip.mp4', import.meta.url))
  const file = { filename: 'revoke-probe.mp4', contentType: 'video/mp4', size: clip.length, title: NAME }
  const { uploadUrl } = await app.call(startUpload, file, ctx)
  const { pathname, search } = new URL(uploadUrl)
  // The engine's public origin may not be reachable from here; the internal one is.
  const place =
    app.ports.video.provider === 'engine' ? `${app.settings.INTERNAL_URL}${pathname}${search}` : uploadUrl
  const answer = await fetch(place, {
    method: 'PUT',
    headers: {
      'content-type': 'video/mp4',
      'content-range': `bytes 0-${clip.length - 1}/${clip.length}`,
    },
    body: new Uint8Array(clip),
    signal: AbortSignal.timeout(UPLOAD_MS),
  })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`The upload of the probe’s clip was answered ${answer.status}.`)
}
