import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { readCheckpoint, readRoot } from '../tree-store.ts'
import { proveRange } from './move-archive.ts'
import { entriesOf, leavesOf, readRange } from './range-rows.ts'
import type { RangeEntries } from './segment-bytes.ts'
import { segmentsOf } from './segment-store.ts'

/** Whoever restores reads what the log says. */
const READERS = { role: 'admin' as const, logGrant: true as const, system: true as const }

export type RestoredRange = {
  n: number
  /** First leaf, and the one behind the last. */
  from: number
  to: number
  /** In their order; null where a seal removed the text. */
  entries: RangeEntries
  /** Size of the signed tree that holds it. */
  provenUnder: number
}

const recordRestore = verb({
  action: 'audit.restore',
  input: z.strictObject({ n: z.number().int().min(0), failure: z.string().nullable() }),
  allow: READERS,
  run: async ({ input: { n, failure } }) => ({
    result: null,
    change: {
      target: { type: 'audit_range', id: String(n) },
      outcome: failure === null ? 'allowed' : 'failed',
      ...(failure === null ? {} : { reason: 'restore_failed' }),
      details: leavesOf(n),
    },
  }),
})

/**
 * Restores one range from the archive and compares it with the tree: each entry with its leaf hash, all of them with the
 * range's root, and the tree with the newest signed head. Leaves an event, also where it fails.
 */
export const restoreRange = flow({
  action: 'audit.restore',
  input: z.strictObject({ n: z.coerce.number().int().min(0) }),
  allow: READERS,
  async run({ app, input: { n }, ctx }): Promise<RestoredRange> {
    const range = await readRange(app.pool, n)
    if (!range?.object) throw new AppError('not_found', `Range ${n} is not in the archive.`)
    try {
      const entries = await entriesOf(segmentsOf(app), range)
      await proveRange(app, range, entries)
      const provenUnder = await proveTree(app)
      await app.call(recordRestore, { n, failure: null }, ctx)
      return { n, ...leavesOf(n), entries, provenUnder }
    } catch (error) {
      await app.call(recordRestore, { n, failure: (error as Error).message }, ctx)
      throw error
    }
  },
})

async function proveTree(app: App): Promise<number> {
  const head = await readCheckpoint(app.pool)
  if (!head) throw new Error('no head of the log was signed yet')
  if (!(await readRoot(app.pool, head.size)).equals(head.root))
    throw new Error('the tree contradicts its signed head')
  return head.size
}

export type ArchiveReport = { ranges: number; entries: number; bytes: number; faults: string[] }

/** Restores every range of the archive, or one at random, one after the other. */
export async function verifyArchive(
  app: App,
  ctx: Context,
  which: 'all' | 'one' | number,
): Promise<ArchiveReport> {
  const report: ArchiveReport = { ranges: 0, entries: 0, bytes: 0, faults: [] }
  for (const { n, bytes } of await archived(app, which)) {
    report.ranges += 1
    report.bytes += bytes
    await app.call(restoreRange, { n }, ctx).then(
      ({ entries }) => {
        report.entries += entries.filter((entry) => entry !== null).length
      },
      (error: Error) => void report.faults.push(`range ${n}: ${error.message}`),
    )
  }
  return report
}

async function archived(app: App, which: 'all' | 'one' | number): Promise<{ n: number; bytes: number }[]> {
  const { rows } = await app.pool.query<{ n: number; bytes: number }>(
    `select n, object_bytes as bytes from audit_ranges where tier = 'archive' and ($1::bigint is null or n = $1)
    order by ${which === 'one' ? 'random() limit 1' : 'n'}`,
    [typeof which === 'number' ? which : null],
  )
  return rows.map(({ n, bytes }) => ({ n: Number(n), bytes: Number(bytes) }))
}

const ALERT = 'audit.archive'

/** Daily: an archive that nobody ever restored is none. */
export const drillArchive = job({
  name: 'audit.archive-drill',
  input: z.strictObject({}),
  maxAttempts: 2,
  schedule: '51 2 * * *',
  async run({ app, ctx }) {
    const { faults } = await verifyArchive(app, ctx, 'one')
    if (faults[0] === undefined) return await app.ports.alerts.resolve(ALERT)
    await app.ports.alerts.raise({
      key: ALERT,
      severity: 'critical',
      summary: 'A range of the audit log could not be restored from the archive.',
      details: { fault: faults[0] },
      audience: ['security', 'operations'],
    })
  },
})
