import { z } from 'zod'
import { viewerInput } from '#portal/modules/sharing/inputs.ts'

/** Longest media time that is taken, in seconds: a week. */
const MOST_SECONDS = 604_800
/** Stretches in one report; a page that has more sends them later. */
export const MOST_SEGMENTS = 60

const seconds = z.number().min(0).max(MOST_SECONDS)

/** What the viewer's page reports: stretches that were played, in seconds of media. */
export const progressBatch = z.strictObject({
  /** Names one player on one page; random. */
  run: z.string().regex(/^[\w-]{8,32}$/, 'must be 8 to 32 letters, digits, - or _'),
  /** Counts the batches of that player from 1: a batch that comes twice counts once. */
  seq: z.int().min(1).max(1_000_000),
  segments: z
    .array(z.tuple([seconds, seconds]).refine(([from, to]) => from < to, 'must end after its beginning'))
    .min(1)
    .max(MOST_SEGMENTS, `may have at most ${MOST_SEGMENTS} stretches`),
})

export const reportProgressInput = viewerInput.extend({
  ...progressBatch.shape,
  /** The browser sends Global Privacy Control. */
  gpc: z.boolean().default(false),
})

export const viewingInput = z.strictObject({ id: z.string().max(64) })

export const setRecordingInput = z.strictObject({ recording: z.boolean() })
