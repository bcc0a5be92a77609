import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { App } from '#portal/platform/app.ts'
import { verb } from '#portal/platform/operation.ts'

/** Refusals that no honest player causes: without a token, with a forged one, with one made for something or somebody else. */
const SUSPICIOUS = new Set([
  'no_token',
  'malformed_token',
  'unknown_key',
  'bad_signature',
  'wrong_subject',
  'wrong_audience',
  'bad_session_signature',
  'replayed',
])

// Written down at most this often from one address; past it a flood is counted by its alert alone.
const WRITTEN = { cost: 1, burst: 60, emissionUs: 1_000_000 }
const MAX_IN_FLIGHT = 50

const UNSIGNED = {
  key: 'playback.unsigned',
  summary: 'Media was asked for without a right token. All such requests are refused.',
}
const REPLAYED = {
  key: 'playback.replayed',
  summary:
    'A playback token was used by another browser than it was made for. All such requests are refused.',
}

const recordUnsigned = verb({
  action: 'playback.refuse',
  input: z.strictObject({ playbackId: z.string(), resource: z.string(), reason: z.string() }),
  allow: { system: true },
  async run({ tx, input }) {
    // The log names the video, never the playback ID.
    const [video] = await tx
      .select({ id: videoFacts.id })
      .from(videoFacts)
      .where(eq(videoFacts.playbackId, input.playbackId))
    return {
      result: null,
      change: {
        target: { type: 'video', id: video?.id ?? 'unknown' },
        outcome: 'refused',
        reason: input.reason,
        details: { resource: input.resource },
      },
    }
  },
})

export type RefusedRequest = {
  playbackId: string
  resource: string
  reason: string
  remoteAddress: string | null
}

/** Tells the log and the security alert of requests for media without a right to it (SPS-05). Never throws. */
export function createUnsignedReporter(app: App): (request: RefusedRequest) => void {
  let inFlight = 0
  const report = async ({ playbackId, resource, reason, remoteAddress }: RefusedRequest) => {
    const ctx = app.newContext(
      { kind: 'system', id: 'playback' },
      remoteAddress === null ? {} : { ip: remoteAddress },
    )
    await app.ports.alerts.raise({
      ...(reason === 'replayed' ? REPLAYED : UNSIGNED),
      severity: 'warning',
      details: { reason, resource },
    })
    const use = { key: `unsigned-playback:${ctx.ipHash ?? 'unknown'}`, ...WRITTEN }
    if ((await app.ports.limits.take([use])).admitted)
      await app.call(recordUnsigned, { playbackId, resource, reason }, ctx)
  }
  return (request) => {
    if (!SUSPICIOUS.has(request.reason) || inFlight >= MAX_IN_FLIGHT) return
    inFlight += 1
    report(request)
      .catch((error: unknown) =>
        app.log.warn({ err: error }, 'an unsigned playback request was not recorded'),
      )
      .finally(() => {
        inFlight -= 1
      })
  }
}
