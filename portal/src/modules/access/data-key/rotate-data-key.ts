import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { enqueue } from '#portal/platform/job.ts'
import { notify } from '#portal/platform/notices.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { addSealKey, newSealKey } from '#portal/platform/seal-keys.ts'
import { SEAL_KEYS_TOPIC } from '#portal/platform/seal-ring.ts'
import { secretFiles } from '#portal/platform/secrets.ts'
import { aloneWithSecrets } from './alone-with-secrets.ts'
import { countOld } from './reseal-rows.ts'

const KEEPERS: Allow = { role: 'admin', groups: ['security'], system: true }
/** Keys that may open at once: a change may follow a change that is not done. */
const MOST_KEYS = 5

/** The order for the job that seals everything anew. */
export const resealOrder = {
  name: 'access.reseal',
  input: z.strictObject({
    /** Which column, and behind which row of it, a run goes on at. */
    column: z.int().min(0).default(0),
    after: z.string().default(''),
    unreadable: z.int().min(0).default(0),
  }),
  maxAttempts: 20,
}

export const keyName = z.string().regex(/^[0-9a-f]{10}$/)

const recordRotation = verb({
  action: 'data-key.rotate',
  input: z.strictObject({ from: keyName, to: keyName }),
  allow: KEEPERS,
  async run({ input }) {
    return { result: input, change: { target: { type: 'operation', id: 'data-key' }, details: input } }
  },
})

/**
 * Puts a new key in front of those that seal. Every process seals by it at once, and opens by the older ones until a job
 * has sealed everything anew; then they are destroyed. It tells first, as rotateSecret does; where a crash keeps it from
 * ordering the job, that comes within the hour.
 * @throws AppError conflict where four changes are still being carried out
 */
export const changeDataKey = flow({
  action: 'data-key.rotate',
  input: z.strictObject({}),
  allow: KEEPERS,
  async run({ app, ctx }): Promise<{ from: string; to: string }> {
    const told = await aloneWithSecrets(app, () => tellAndAdd(app, ctx))
    app.keys.seal.refresh()
    await app.db.transaction(async (tx) => {
      await notify(tx, { topic: SEAL_KEYS_TOPIC, body: {} })
      await enqueue(tx, resealOrder, { column: 0, after: '', unreadable: 0 }, { key: resealOrder.name })
    })
    return told
  },
})

/** Which key is the newest holds within the lock alone: of two changes at one moment, the second follows the first. */
async function tellAndAdd(app: App, ctx: Context): Promise<{ from: string; to: string }> {
  const ring = app.keys.seal
  ring.refresh()
  if (ring.list().length >= MOST_KEYS)
    throw new AppError(
      'conflict',
      'Earlier changes are still being carried out: portal keys data tells how far.',
    )
  const made = newSealKey(ctx.now)
  const told = await app.call(recordRotation, { from: ring.current().id, to: made.id }, ctx)
  await addSealKey(secretFiles(app.settings), made)
  return told
}

export type DataKeys = {
  current: string
  /** Keys that still open, and seal nothing. */
  older: string[]
  /** Boxes that an older key has sealed, by where they lie. */
  waiting: Record<string, number>
}

/** Which keys there are, and how much the older ones still hold. */
export const readDataKeys = flow({
  action: 'data-key.status',
  input: z.strictObject({}),
  allow: KEEPERS,
  async run({ app }): Promise<DataKeys> {
    app.keys.seal.refresh()
    const [current, ...older] = app.keys.seal.list()
    const name = current?.id ?? ''
    return { current: name, older: older.map(({ id }) => id), waiting: await countOld(app, name) }
  },
})
