import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { keyedHash } from '#portal/platform/crypto.ts'
import type { Db, Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { flagsOf } from '#portal/platform/settings/flags.ts'
import { flagRuns, settingsSeen } from './tables.ts'

/** Where one process of an installation may differ from the next. */
const OF_A_PROCESS = new Set(
  'PORT HOST ROLES DATA_DIR INTERNAL_URL SECRETS_FILE LOG_LEVEL FFMPEG_PATH FFPROBE_PATH'.split(' '),
)
const FEW_WORDS = /^(true|false|off|offered|required|AU|EU|engine|mux|\d{1,15})$/

type Seen = { name: string; mark: string; value: string | null }

/** Each setting as it may be kept: what is no switch, number or one of a few words by its keyed hash alone. */
function marksOf(settings: Settings, keys: Keys): Seen[] {
  return Object.entries(settings)
    .filter(([name, value]) => value !== undefined && !OF_A_PROCESS.has(name))
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      const mark = keyedHash(keys.hash, 'setting', `${name}=${text}`).toString('hex').slice(0, 32)
      return { name, mark, value: FEW_WORDS.test(text) ? text : null }
    })
}

async function changesIn(db: Pick<Db | Tx, 'select'>, now: readonly Seen[]) {
  const before = new Map((await db.select().from(settingsSeen)).map((row) => [row.name, row]))
  const set = now.filter(({ name, mark }) => before.get(name)?.mark !== mark)
  const unset = [...before.keys()].filter((name) => !now.some((one) => one.name === name))
  const words = [
    ...set.map(({ name, value }) => {
      const was = before.get(name)
      return `${name}: ${was ? (was.value ?? 'set') : 'unset'} → ${value ?? (was ? 'another value' : 'set')}`
    }),
    ...unset.map((name) => `${name}: ${before.get(name)?.value ?? 'set'} → unset`),
  ].sort()
  return { set, unset, words, first: before.size === 0 }
}

/** Remembers what each flag runs with from now on. */
async function noteFlags(tx: Tx, settings: Settings, since: Date): Promise<void> {
  const now = Object.entries(flagsOf(settings)).map(([flag, value]) => ({ flag, value, since }))
  await tx.insert(flagRuns).values(now).onConflictDoNothing()
}

async function haveRun(db: Pick<Db, 'select'>, settings: Settings): Promise<boolean> {
  const known = new Set((await db.select().from(flagRuns)).map(({ flag, value }) => `${flag}=${value}`))
  return Object.entries(flagsOf(settings)).every(([flag, value]) => known.has(`${flag}=${value}`))
}

const nothing = z.strictObject({})

const recordChange = verb({
  action: 'settings.change',
  input: nothing,
  allow: { system: true },
  async run({ tx, ctx, settings, keys }) {
    await tx.execute(sql`lock table ${settingsSeen} in exclusive mode`)
    const { set, unset, words, first } = await changesIn(tx, marksOf(settings, keys))
    if (set.length > 0)
      await tx
        .insert(settingsSeen)
        .values(set.map((one) => ({ ...one, seenAt: ctx.now })))
        .onConflictDoUpdate({
          target: settingsSeen.name,
          set: { mark: sql`excluded.mark`, value: sql`excluded.value`, seenAt: sql`excluded.seen_at` },
        })
    if (unset.length > 0)
      await tx.delete(settingsSeen).where(sql`${settingsSeen.name} = any(${sql.param(unset)}::text[])`)
    await noteFlags(tx, settings, ctx.now)
    return {
      result: { changed: words },
      change: { target: { type: 'settings', id: 'installation' }, details: { first, changed: words } },
    }
  },
})

/**
 * At each start: what is set otherwise than at the last one leaves an event in the log. A secret is told to have changed, and
 * nothing of it.
 */
export const noteSettings = flow({
  action: 'settings.change',
  input: nothing,
  allow: { system: true },
  async run({ app, input, ctx }): Promise<{ changed: string[] }> {
    const { words } = await changesIn(app.db, marksOf(app.settings, app.keys))
    if (words.length === 0 && (await haveRun(app.db, app.settings))) return { changed: [] }
    return await app.call(recordChange, input, ctx)
  },
})
