import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { refreshKeys } from '#portal/platform/keys.ts'
import { notify } from '#portal/platform/notices.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { removeDrafts } from '#portal/platform/private-file.ts'
import { forgetPast, replaceSecret } from '#portal/platform/replace-secret.ts'
import { SEAL_KEYS_TOPIC } from '#portal/platform/seal-ring.ts'
import { auditKeyFile, loadSecrets, type PastName, secretFiles } from '#portal/platform/secrets.ts'
import { aloneWithSecrets } from './alone-with-secrets.ts'

const KEEPERS: Allow = { role: 'admin', groups: ['security'], system: true }

/** What a command calls them. */
const NAMES = {
  cookies: 'auth',
  hashes: 'marks',
  metrics: 'metrics',
  cron: 'cron',
} as const satisfies Record<string, PastName>
const name = z.enum(['cookies', 'hashes', 'metrics', 'cron'])

/**
 * Hours for which the one before holds: a session lives for twelve and ends with its cookie, and a process may sign by the
 * older one for some seconds more; mails bear a link that turns them off, and throttlings stand under a hash for 180 days; who
 * scrapes metrics or calls cron routes is given a day to take the new one.
 */
const HOLDS_HOURS = { cookies: 13, hashes: 400 * 24, metrics: 24, cron: 24 }

const recordRotation = verb({
  action: 'secret.rotate',
  input: z.strictObject({ name, oldHoldsUntil: z.iso.datetime() }),
  allow: KEEPERS,
  async run({ input }) {
    const details = { name: input.name, old_holds_until: input.oldHoldsUntil }
    return { result: input, change: { target: { type: 'operation', id: 'secret' }, details } }
  },
})

/**
 * Puts a new secret in place of the one that signs cookies, that hashes addresses in counts and logs, or that a bearer of
 * metrics or cron routes shows. The one before holds for a while, so that nobody is signed out and no scraper is turned
 * away; `atOnce` ends it now. It tells first and replaces then: a crash in between tells of a change that was not made, and
 * never makes one in silence.
 * @throws AppError conflict where a setting gives the secret
 */
export const rotateSecret = flow({
  action: 'secret.rotate',
  input: z.strictObject({ name, atOnce: z.boolean().default(false) }),
  allow: KEEPERS,
  async run({ app, ctx, input }): Promise<{ name: string; oldHoldsUntil: string }> {
    refuseIfSet(app, input.name)
    const until = new Date(ctx.now.getTime() + HOLDS_HOURS[input.name] * 3_600_000)
    const oldHoldsUntil = (input.atOnce ? ctx.now : until).toISOString()
    const told = await app.call(recordRotation, { name: input.name, oldHoldsUntil }, ctx)
    const past = { until, ended: input.atOnce }
    await aloneWithSecrets(app, () => replaceSecret(secretFiles(app.settings), NAMES[input.name], past))
    refreshKeys(app.keys)
    await app.db.transaction((tx) => notify(tx, { topic: SEAL_KEYS_TOPIC, body: {} }))
    return told
  },
})

function refuseIfSet({ settings }: Pick<App, 'settings'>, given: z.output<typeof name>): void {
  const setting = ({ cookies: null, hashes: null, metrics: 'METRICS_TOKEN', cron: 'CRON_SECRET' } as const)[
    given
  ]
  if (setting && settings[setting] !== undefined)
    throw new AppError('conflict', `${setting} gives this secret: set another one there, and restart.`)
}

/** Longer than anybody takes to write a file of keys. */
const ABANDONED_MS = 3_600_000

/** Takes secrets out of the file that no longer hold, and away what killed processes left of writing such files. */
export const forgetSecrets = job({
  name: 'access.forget-secrets',
  input: z.strictObject({}),
  maxAttempts: 5,
  schedule: '37 * * * *',
  async run({ app, ctx }) {
    const files = secretFiles(app.settings)
    const { past = [] } = await loadSecrets(files)
    if (past.some(({ until }) => Date.parse(until) <= ctx.now.getTime()))
      await aloneWithSecrets(app, () => forgetPast(files, ctx.now))
    const abandoned = new Date(ctx.now.getTime() - ABANDONED_MS)
    for (const file of [files.file, files.masterKeyFile, auditKeyFile(app.settings)])
      await removeDrafts(file, abandoned)
  },
})
