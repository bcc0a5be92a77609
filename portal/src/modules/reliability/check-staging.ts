import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Settings } from '#portal/platform/env.ts'
import { flow, read, verb } from '#portal/platform/operation.ts'
import { flagsOf } from '#portal/platform/settings/flags.ts'
import { stateInput } from './inputs.ts'
import {
  readStatement,
  type StagingStatement,
  signStatement,
  statementSigner,
  unstaged,
} from './staging-statement.ts'
import { flagRuns } from './tables.ts'

const ALERT = 'settings.unstaged'

/** What this installation can say of itself, signed: the values its flags have run with, and what passed. */
export const stateFlags = read({
  action: 'settings.state',
  input: stateInput,
  allow: { role: 'admin', groups: ['operations'], system: true },
  async run({ db, input, ctx, keys, settings }): Promise<{ note: string; vkey: string }> {
    const flags: StagingStatement['flags'] = {}
    for (const { flag, value, since } of await db.select().from(flagRuns))
      flags[flag] = { ...flags[flag], [value]: since.toISOString() }
    const signer = statementSigner(keys, settings.PUBLIC_URL)
    const installation = new URL(settings.PUBLIC_URL).host
    const statement = { installation, at: ctx.now.toISOString(), flags, e2eSuite: input.e2eSuite }
    return { note: signStatement(statement, signer), vkey: signer.vkey }
  },
})

const found = z.strictObject({ faults: z.array(z.string().max(500)).min(1).max(50), refused: z.boolean() })

const recordUnstaged = verb({
  action: 'settings.check-staging',
  input: found,
  allow: { system: true },
  async run({ input }) {
    const reason = input.refused ? 'start_refused' : 'started_anyway'
    const target = { type: 'settings', id: 'installation' }
    return { result: input, change: { target, reason, details: { faults: input.faults } } }
  },
})

/**
 * At a start: whether every flag has run in staging as it is set here. What has not leaves an event and an alert.
 * Answers what is wrong, and whether the portal must not start with it. Nothing is asked where STAGING_FIRST is off.
 */
export const checkStaging = flow({
  action: 'settings.check-staging',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ app, ctx }): Promise<{ faults: string[]; refused: boolean }> {
    const mode = app.settings.STAGING_FIRST
    // Off, it can't tell whether what an earlier start was told of has been mended: the alert is somebody's to close.
    if (mode === 'off') return { faults: [], refused: false }
    const faults = await faultsOf(app, app.settings)
    const refused = mode === 'required' && faults.length > 0
    if (faults.length === 0) await app.ports.alerts.resolve(ALERT)
    else {
      await app.ports.alerts.raise({
        key: ALERT,
        severity: 'critical',
        summary: refused
          ? 'The portal was not started: its flags have not all run in staging.'
          : 'The portal runs with flags that have not run in staging.',
        details: { faults: faults.join(' ') },
        audience: ['operations', 'security'],
      })
      await app.call(recordUnstaged, { faults, refused }, ctx)
    }
    return { faults, refused }
  },
})

async function faultsOf({ keys }: Pick<App, 'keys'>, settings: Settings): Promise<string[]> {
  const { STAGING_STATEMENT_FILE: file = '', STAGING_KEY: vkey = '' } = settings
  if (vkey === statementSigner(keys, settings.PUBLIC_URL).vkey)
    return ['STAGING_KEY is this installation’s own key: set the one of staging.']
  try {
    const statement = readStatement(await readFile(file, 'utf8'), vkey)
    return unstaged(statement, flagsOf(settings), settings.E2E_SUITE_VERSION)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return [code ? `STAGING_STATEMENT_FILE can’t be read (${code}).` : `The statement of staging ${message}.`]
  }
}
