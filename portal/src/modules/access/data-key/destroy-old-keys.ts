import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { notify } from '#portal/platform/notices.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { dropSealKeys } from '#portal/platform/seal-keys.ts'
import { SEAL_KEYS_TOPIC } from '#portal/platform/seal-ring.ts'
import { secretFiles } from '#portal/platform/secrets.ts'
import { aloneWithSecrets } from './alone-with-secrets.ts'
import { countOld } from './reseal-rows.ts'
import { keyName } from './rotate-data-key.ts'

/** What was begun under the old key must have ended: no request and no transaction lasts for so long. */
export const SETTLE_MS = 5 * 60_000
/** A process that has said nothing for so long is dead; another is asked by which key it seals. */
const ALIVE_MS = 10 * 60_000

/** `boxes` of an older key are left, its `time` is not over, or `processes` seal by it. */
export type WaitsFor = 'boxes' | 'time' | 'processes' | null

const recordDestruction = verb({
  action: 'data-key.destroy',
  input: z.strictObject({ destroyed: z.array(keyName).min(1) }),
  allow: { system: true },
  async run({ input }) {
    return { result: null, change: { target: { type: 'operation', id: 'data-key' }, details: input } }
  },
})

/**
 * Destroys older data keys once nothing needs them, and never before; says what it waits for. It tells first and destroys
 * then: a crash in between tells twice, and never destroys in silence.
 */
export const destroyOldKeys = flow({
  action: 'data-key.destroy',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ app, ctx }): Promise<{ destroyed: string[]; waitsFor: WaitsFor }> {
    app.keys.seal.refresh()
    const destroyed = app.keys.seal
      .list()
      .slice(1)
      .map(({ id }) => id)
    if (destroyed.length === 0) return { destroyed: [], waitsFor: null }
    const waitsFor = await needOf(app, ctx)
    if (waitsFor !== null) return { destroyed: [], waitsFor }
    await app.call(recordDestruction, { destroyed }, ctx)
    await aloneWithSecrets(app, () => dropSealKeys(secretFiles(app.settings), destroyed))
    app.keys.seal.refresh()
    await app.db.transaction((tx) => notify(tx, { topic: SEAL_KEYS_TOPIC, body: {} }))
    return { destroyed, waitsFor }
  },
})

async function needOf(app: App, ctx: Context): Promise<WaitsFor> {
  const { id, since } = app.keys.seal.current()
  if (ctx.now.getTime() - Date.parse(since) < SETTLE_MS) return 'time'
  if (await othersSeal(app, id)) return 'processes'
  // Last: whoever might still have written by an older key has been asked by now.
  return Object.values(await countOld(app, id)).some((n) => n > 0) ? 'boxes' : null
}

/** Whether a living process seals by another key, as far as it said. */
async function othersSeal(app: App, newest: string): Promise<boolean> {
  const since = new Date(app.clock().getTime() - ALIVE_MS).toISOString()
  const { rowCount } = await app.db.execute(sql`select from telemetry_processes
    where stopped_at is null and beat_at > ${since}::timestamptz and seal_key is distinct from ${newest} limit 1`)
  return (rowCount ?? 0) > 0
}
