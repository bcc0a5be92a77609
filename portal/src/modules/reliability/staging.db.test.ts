import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { checkStaging, stateFlags } from './check-staging.ts'
import { noteSettings } from './note-settings.ts'
import { readStatement } from './staging-statement.ts'

let staging: TestApp
let production: TestApp
beforeAll(async () => {
  ;[staging, production] = await Promise.all([createTestApp(), createTestApp()])
})
afterAll(async () => void (await Promise.all([staging?.stop(), production?.stop()])))

const PASSED = { version: '1', promised: 50, passed: 50, failed: [] }
const system = (t: TestApp) => t.app.newContext({ kind: 'system', id: 'start' })
const set = (t: TestApp, settings: Record<string, unknown>) => Object.assign(t.app.settings, settings)
const start = (t: TestApp) => t.app.call(noteSettings, {}, system(t))
const state = (t: TestApp, e2eSuite: object | null = PASSED) =>
  t.app.call(stateFlags, { e2eSuite }, t.app.newContext({ kind: 'command', id: 'os:0' }))
const check = () => production.app.call(checkStaging, {}, system(production))
/** Brings a statement of staging to production, as an operator would. */
async function bring({ note, vkey }: { note: string; vkey: string }) {
  const file = join(production.app.settings.DATA_DIR, 'staging.txt')
  await writeFile(file, note)
  set(production, { STAGING_STATEMENT_FILE: file, STAGING_KEY: vkey })
}
const openAlerts = async () =>
  (
    await production.app.pool.query(
      `select key from alerts where key = 'settings.unstaged' and resolved_at is null`,
    )
  ).rowCount

describe('[OPS-05] staging first', () => {
  beforeEach(async () => {
    set(production, { STAGING_FIRST: 'required', RATE_LIMIT_ENFORCED: true })
    set(staging, { RATE_LIMIT_ENFORCED: true })
    await start(staging)
    await bring(await state(staging))
  })

  it('starts with flags that have run there, and asks nobody unless it is told to', async () => {
    expect(await check()).toEqual({ faults: [], refused: false })
    set(production, {
      STAGING_FIRST: 'off',
      STAGING_STATEMENT_FILE: '/nowhere',
      COST_MONITORING_ENABLED: false,
    })
    expect(await check()).toEqual({ faults: [], refused: false })
    set(production, { COST_MONITORING_ENABLED: true })
  })

  it('does not start with a flag that has not: an event and an alert say which, until it has run there', async () => {
    set(production, { RATE_LIMIT_ENFORCED: false })
    const faults = ['RATE_LIMIT_ENFORCED is false here and has not run so in staging.']
    expect(await check()).toEqual({ faults, refused: true })
    expect(await openAlerts()).toBe(1)
    // Off, nothing was looked at: what an earlier start told of stays open.
    set(production, { STAGING_FIRST: 'off' })
    expect(await check()).toEqual({ faults: [], refused: false })
    expect(await openAlerts()).toBe(1)
    set(production, { STAGING_FIRST: 'required' })
    const event = (await production.events()).at(-1)
    expect(event).toMatchObject({
      action: 'settings.check-staging',
      reason: 'start_refused',
      details: { faults },
    })

    set(production, { STAGING_FIRST: 'warn' })
    expect(await check()).toEqual({ faults, refused: false })

    // Staging stands on its usual value again by the time it states what it has seen.
    set(staging, { RATE_LIMIT_ENFORCED: false })
    await start(staging)
    set(staging, { RATE_LIMIT_ENFORCED: true })
    await start(staging)
    await bring(await state(staging))
    set(production, { STAGING_FIRST: 'required' })
    expect(await check()).toEqual({ faults: [], refused: false })
    expect(await openAlerts()).toBe(0)
  })

  it('takes no statement without a whole, passed run of the suite that it names', async () => {
    await bring(await state(staging, null))
    expect((await check()).faults).toEqual([expect.stringContaining('no run of the end-to-end suite')])
    await bring(await state(staging, { ...PASSED, passed: 49, failed: ['A › b'] }))
    expect((await check()).faults).toEqual([expect.stringContaining('1 promised scenarios')])
    await bring(await state(staging, { ...PASSED, version: '2' }))
    expect((await check()).faults).toEqual([expect.stringContaining('version 2; E2E_SUITE_VERSION is 1')])
  })

  it('takes no statement but staging’s own: not a changed one, not somebody’s, not production’s', async () => {
    const { note, vkey } = await state(staging)
    await bring({ note: note.replace('"true":', '"false":'), vkey })
    expect((await check()).refused).toBe(true)
    await bring({ note: (await state(production)).note, vkey })
    expect((await check()).refused).toBe(true)
    await bring(await state(production))
    expect((await check()).faults).toEqual([
      'STAGING_KEY is this installation’s own key: set the one of staging.',
    ])
    set(production, { STAGING_STATEMENT_FILE: '/nowhere', STAGING_KEY: vkey })
    expect((await check()).faults).toEqual(['STAGING_STATEMENT_FILE can’t be read (ENOENT).'])
  })

  it('states each value with its time, and nothing secret', async () => {
    const { note, vkey } = await state(staging)
    const { flags } = readStatement(note, vkey)
    expect(Object.keys(flags.RATE_LIMIT_ENFORCED ?? {}).sort()).toEqual(['false', 'true'])
    expect(Object.keys(flags)).toHaveLength(13)
    expect(note).not.toContain(staging.app.settings.MUX_TOKEN_SECRET)
  })
})
