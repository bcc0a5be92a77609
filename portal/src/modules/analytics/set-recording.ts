import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import type { RecordingSetting } from './answers.ts'
import { setRecordingInput } from './inputs.ts'
import { analyticsSettings } from './tables.ts'

/** Whether anything is kept of how the organisation's links are watched; it is, until somebody says otherwise. */
export const getRecording = read({
  action: 'analytics.recording',
  input: z.strictObject({}),
  allow: { role: 'agency' },
  async run({ db, actor }): Promise<RecordingSetting> {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    const [row] = await db
      .select({ recording: analyticsSettings.recording, at: analyticsSettings.setAt, by: personFacts.name })
      .from(analyticsSettings)
      .leftJoin(personFacts, eq(personFacts.id, analyticsSettings.setBy))
      .where(eq(analyticsSettings.organisationId, actor.organisationId))
    return {
      recording: row?.recording ?? true,
      setByName: row?.by ?? null,
      setAt: row?.at.toISOString() ?? null,
    }
  },
})

/** Switches it for every link of the organisation at once; views that began while it was off are never kept. */
export const setRecording = verb({
  action: 'analytics.set-recording',
  input: setRecordingInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor }) {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    const { organisationId } = actor
    const set = { recording: input.recording, setBy: actor.id, setAt: ctx.now }
    await tx
      .insert(analyticsSettings)
      .values({ organisationId, ...set })
      .onConflictDoUpdate({ target: analyticsSettings.organisationId, set })
    return {
      result: { recording: input.recording },
      change: { target: { type: 'organisation', id: organisationId }, details: { ...input } },
    }
  },
})
