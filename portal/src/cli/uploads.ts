import { setTimeout as delay } from 'node:timers/promises'
import type { FindingView, ReconciliationView } from '../modules/reliability/answers.ts'
import { advanceReconciliation } from '../modules/reliability/comparison/advance-reconciliation.ts'
import { getReconciliation, listFindings } from '../modules/reliability/comparison/list-reconciliations.ts'
import { startReconciliation } from '../modules/reliability/comparison/start-reconciliation.ts'
import type { App } from '../platform/app.ts'
import type { Context } from '../platform/context.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

const text = { type: 'string' as const }

export const uploads: Noun = {
  noun: 'uploads',
  verbs: {
    reconcile: {
      summary: 'Compares uploads, assets, tracks and shares with the video service; repairs with --apply',
      usage: '[--apply]',
      async run(args) {
        const { values } = readArgs(args, { apply: { type: 'boolean', default: false } })
        const run = await withPortal(({ app }, ctx) => reconcile(app, ctx, values.apply ? 'apply' : 'dry'))
        print(values.json, run, () => linesOf(run))
        return run.status === 'done' ? 0 : 1
      },
    },
    findings: {
      summary: 'Differences to the video service, and what became of each',
      usage: '[--state unsettled|all|waiting|held|done|…] [--kind K] [--run ID] [--limit 50] [--cursor C]',
      async run(args) {
        const options = { state: text, kind: text, run: text, limit: text, cursor: text }
        const { json, ...filter } = readArgs(args, options).values
        const page = await withPortal(({ app }, ctx) => app.call(listFindings, filter, ctx))
        print(json, page, () => [
          ...page.items.map(lineOf),
          ...(page.nextCursor ? [`more: --cursor ${page.nextCursor}`] : []),
        ])
        return 0
      },
    },
  },
}

/** Goes through the comparison in this process; a running portal may take a turn, and is waited for. */
async function reconcile(app: App, ctx: Context, mode: 'dry' | 'apply'): Promise<ReconciliationView> {
  const { id } = await app.call(startReconciliation, { mode }, ctx)
  const system = app.newContext({ kind: 'system', id: 'reliability.reconcile' })
  let told = ''
  for (;;) {
    const progress = await advanceReconciliation(app, system, id)
    const run = await app.call(getReconciliation, { id }, ctx)
    const now = `${run.stage}: ${run.uploads} uploads, ${run.assets} assets, ${run.videos} asked after`
    if (now !== told) process.stderr.write(`${now}\n`)
    told = now
    if (progress === 'over') return run
    if (progress === 'elsewhere') await delay(1000)
  }
}

function linesOf(run: ReconciliationView): string[] {
  return [
    `${run.id}  ${run.mode === 'dry' ? 'dry run' : 'repairs'}  ${run.status}`,
    `compared  ${run.uploads} uploads, ${run.assets} assets (${run.strangers} of others), ${run.videos} asked after`,
    ...run.findings.map(({ kind, found, done }) => `${kind.padEnd(22)} ${found} found, ${done} put right`),
    ...(run.findings.length === 0 ? ['no difference'] : []),
    ...(run.status === 'held'
      ? [`${run.held} ends and deletions wait for a person: see Reliability, or api/admin/reconciliations`]
      : []),
    ...(run.error ? [run.error] : []),
  ]
}

function lineOf(one: FindingView): string {
  const about = `${one.objectType} ${one.objectId}`
  return [one.lastSeenAt, one.kind.padEnd(20), one.state.padEnd(8), about, one.error ?? '']
    .join('  ')
    .trimEnd()
}
