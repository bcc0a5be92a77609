import { z } from 'zod'
import { CAUSES, STATES } from './rules.ts'

const cursor = z.string().max(300).optional()
const limit = z.coerce.number().int().min(1).max(100).default(50)
const eventId = z.string().min(1).max(300)
const instant = z.iso.datetime({ offset: true }).optional()

export const listWebhooksInput = z.strictObject({
  /** `failing`: tried in vain, and waits for its next try or is a dead letter. */
  state: z.enum([...STATES, 'failing', 'all']).default('all'),
  cursor,
  limit,
})

export const listDeadLettersInput = z.strictObject({
  /** `all`: those that are still tried by themselves, too. */
  state: z.enum(['pending', 'dead', 'all']).default('all'),
  cause: z.enum(CAUSES).optional(),
  /** Received from, and before. */
  from: instant,
  to: instant,
  cursor,
  limit,
})

export const listRejectionsInput = z.strictObject({ cursor, limit })

export const webhookIdInput = z.strictObject({ id: eventId })

export const nothingInput = z.strictObject({})

/** Which dead letters; all of them where nothing narrows it. */
export const selectionShape = {
  ids: z.array(eventId).min(1).max(1000).optional(),
  cause: z.enum(CAUSES, { error: `must be one of ${CAUSES.join(', ')}` }).optional(),
  type: z.string().min(1).max(200).optional(),
  from: instant,
  to: instant,
}
export type Selection = z.output<z.ZodObject<typeof selectionShape>>

export const replayLettersInput = z.strictObject({
  ...selectionShape,
  /** Says what would be done, and does nothing. */
  dryRun: z.boolean().default(false),
})

export const replayLetterInput = z.strictObject({
  id: eventId,
  dryRun: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .default(false),
})

export const discardLetterInput = z.strictObject({
  id: eventId,
  /** For those who ask later; kept with the event and in the log. */
  reason: z.string().trim().min(3, 'say in a few words why').max(300),
})
