import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { redactUrls } from '#portal/platform/log.ts'
import { verb } from '#portal/platform/operation.ts'
import { FINDING_KINDS, type FindingKind, findingKinds, needsPerson } from '../rules.ts'
import type { ReconciliationRow } from '../tables.ts'
import { compareAssetPage, compareExpected, compareUploadPage } from './compare-lists.ts'
import { repairFinding } from './repair-finding.ts'
import {
  clearUnseen,
  countOpen,
  endGrace,
  forgetTracks,
  holdFindings,
  nextOpen,
  summariseFindings,
} from './store-finding.ts'
import { claimReconciliation, findReconciliation, forgetSeen, writeStep } from './store-reconciliation.ts'

/** A step is one page, or so many repairs; who dies in one gives the run back after this. */
const CLAIM_MS = 60_000
const REPAIRS_A_STEP = 50
const REPAIRED_AT_ONCE = 4

export type Progress = 'more' | 'elsewhere' | 'over'

/**
 * Goes one step on with a run: a page of the service's uploads, then of its assets, then of what no list had, then some
 * repairs. Each step is kept before the next begins, so that a run goes on where its process died.
 * @throws AppError unavailable where the service does not answer; the step may be tried again
 */
export async function advanceReconciliation(app: App, ctx: Context, id: string): Promise<Progress> {
  const now = app.clock()
  const at: Context = { ...ctx, now }
  const run = await claimReconciliation(app.db, id, now, CLAIM_MS)
  if (!run) return (await findReconciliation(app.db, id))?.status === 'running' ? 'elsewhere' : 'over'
  try {
    if (run.stage === 'uploads') await compareUploadPage(app, at, run)
    else if (run.stage === 'assets') await compareAssetPage(app, at, run)
    else if (run.stage === 'videos') await compareExpected(app, at, run)
    else return await repairSome(app, at, run)
    return 'more'
  } catch (error) {
    await writeStep(app.db, run, { claimedUntil: null, error: wordsOf(error), updatedAt: now })
    throw error
  }
}

const wordsOf = (error: unknown) =>
  redactUrls(error instanceof Error ? error.message : String(error)).slice(0, 300)

async function repairSome(app: App, ctx: Context, run: ReconciliationRow): Promise<Progress> {
  if (run.place === null) await weigh(app, ctx, run)
  const findings = run.mode === 'apply' ? await nextOpen(app.db, run, REPAIRS_A_STEP) : []
  if (findings.length === 0) {
    await finish(app, ctx, run)
    return 'over'
  }
  const waiting = [...findings]
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) await repairFinding(app, ctx, one)
  }
  await Promise.all(Array.from({ length: REPAIRED_AT_ONCE }, work))
  await writeStep(app.db, run, { place: 'repairs', claimedUntil: null, updatedAt: app.clock() })
  return 'more'
}

/** Once, when everything has been compared: what may be acted on, and whether a person is to be asked first. */
async function weigh(app: App, ctx: Context, run: ReconciliationRow): Promise<void> {
  await app.db.transaction(async (tx) => {
    await clearUnseen(tx, run, ctx.now)
    await endGrace(tx, run, ctx.now)
    const open = await countOpen(tx, run)
    const bounded = findingKinds.filter((kind) => FINDING_KINDS[kind].bounded)
    const deletions = bounded.reduce((sum, kind) => sum + (open.get(kind) ?? 0), 0)
    const compared = run.uploads + run.assets
    const held = needsPerson(deletions, compared) ? await holdFindings(tx, run, bounded) : 0
    run.held = held
    await writeStep(tx, run, { place: 'weighed', held, error: null, updatedAt: ctx.now })
  })
}

/** The end of a run, with its report in the log. */
const recordEnd = verb({
  action: 'reconciliation.finish',
  input: z.strictObject({ run: z.custom<ReconciliationRow>() }),
  allow: { system: true },
  async run({ tx, input: { run }, ctx }) {
    const findings = await summariseFindings(tx, run)
    const status = run.mode === 'apply' && run.held > 0 ? ('held' as const) : ('done' as const)
    const end = { status, stage: 'over' as const, finishedAt: ctx.now, updatedAt: ctx.now }
    await writeStep(tx, run, { ...end, place: null, findings, claimedUntil: null, error: null })
    if (run.mode === 'apply') await forgetTracks(tx, run)
    await forgetSeen(tx, run.id)
    return {
      result: { status, findings },
      change: {
        target: { type: 'reconciliation', id: run.id },
        details: {
          ...{ mode: run.mode, status, held: run.held },
          ...{ uploads: run.uploads, assets: run.assets, strangers: run.strangers },
          ...findings,
        },
      },
    }
  },
})

async function finish(app: App, ctx: Context, run: ReconciliationRow): Promise<void> {
  const system = { ...ctx, actor: { kind: 'system', id: 'reliability.reconcile' } as const }
  const { status, findings } = await app.call(recordEnd, { run }, system)
  for (const [kind, [found]] of Object.entries(findings) as [FindingKind, [number, number]][])
    app.telemetry.add('portal.reconcile.differences', { kind }, found)
  const { alerts } = app.ports
  await alerts.resolve('reconciliation.failed')
  if (run.mode === 'apply') await alerts.resolve('reconciliation.overdue')
  if (status === 'held')
    await alerts.raise({
      key: 'reconciliation.held',
      severity: 'critical',
      summary:
        'The comparison with the video service would end or delete unusually much, and waits for a person to look.',
      details: { run: run.id, deletions: run.held, compared: run.uploads + run.assets },
    })
  else if (run.mode === 'apply') await alerts.resolve('reconciliation.held')
}
