import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { desc, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { App } from '#portal/platform/app.ts'
import { csvLine } from '#portal/platform/csv.ts'
import { AppError } from '#portal/platform/errors.ts'
import { definitionOf, METRIC_NAMES, openMetricsUnit } from '#portal/platform/metrics.ts'
import { flow, read, verb } from '#portal/platform/operation.ts'
import type { TelemetryExportView } from '../answers.ts'
import { exportTelemetryInput, telemetryExportInput } from '../inputs.ts'
import { telemetryExports } from '../tables.ts'
import { DAY_MS, type Point, readPoints } from './store-points.ts'

const KEPT_DAYS = 365
const HOUR_SECONDS = 3600

export const exportKey = (id: string) => `telemetry/${id}.csv`

const recordExport = verb({
  action: 'telemetry.export',
  input: z.strictObject({
    ...{ id: z.string(), from: z.date(), until: z.date() },
    ...{ rows: z.int(), bytes: z.int(), sha256: z.string() },
  }),
  allow: { role: 'admin', groups: ['operations', 'security', 'compliance'] },
  async run({ tx, input, ctx, actor }) {
    const { id, from, until, rows, bytes, sha256 } = input
    const expiresAt = new Date(ctx.now.getTime() + KEPT_DAYS * DAY_MS)
    await tx.insert(telemetryExports).values({
      ...{ id, fromAt: from, untilAt: until, rows, bytes, sha256, expiresAt },
      ...{ madeAt: ctx.now, madeBy: actor.id },
    })
    return {
      result: { expiresAt: expiresAt.toISOString() },
      change: {
        target: { type: 'telemetry_export', id },
        details: { from: from.toISOString(), until: until.toISOString(), rows, sha256 },
      },
    }
  },
})

/**
 * What was counted between two days, hour by hour, as a CSV (RFC 4180) with the controls that each metric is evidence
 * for. Nobody is in it: metrics hold no person, no object, no address. Kept as a file for a year.
 */
export const exportTelemetry = flow({
  action: 'telemetry.export',
  input: exportTelemetryInput,
  allow: { role: 'admin', groups: ['operations', 'security', 'compliance'] },
  async run({ app, input, ctx }): Promise<TelemetryExportView> {
    const from = new Date(`${input.from}T00:00:00Z`)
    const until = new Date(new Date(`${input.until}T00:00:00Z`).getTime() + DAY_MS)
    const points = await readPoints(app.db, METRIC_NAMES, from, until, HOUR_SECONDS)
    const csv = [HEAD, ...points.map(rowOf)].map(csvLine).join('')
    const id = ctx.newId('tex')
    await keepFile(app, exportKey(id), csv)
    const made = {
      ...{ id, from, until, rows: points.length, bytes: Buffer.byteLength(csv) },
      sha256: createHash('sha256').update(csv).digest('hex'),
    }
    const { expiresAt } = await app.call(recordExport, made, ctx)
    const madeAt = ctx.now.toISOString()
    return {
      ...{ ...made, from: from.toISOString(), until: until.toISOString() },
      ...{ madeAt, madeByName: null, expiresAt },
    }
  },
})

const HEAD = [...['hour', 'metric', 'labels', 'kind', 'unit', 'sum', 'count', 'controls', 'meaning']]

function rowOf({ metric, series, at, sum, count }: Point): string[] {
  const { kind, help, controls } = definitionOf(metric)
  const unit = openMetricsUnit(metric) ?? ''
  return [at, metric, series, kind, unit, String(sum), String(count), controls.join('; '), help]
}

async function keepFile(app: App, key: string, text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mm-export-'))
  try {
    await writeFile(join(folder, 'export.csv'), text, { mode: 0o600 })
    await app.ports.storage.putFile(key, join(folder, 'export.csv'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Exports that are still kept, newest first. */
export const listTelemetryExports = read({
  action: 'telemetry.list-exports',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db }): Promise<TelemetryExportView[]> {
    const rows = await db
      .select({ row: telemetryExports, name: personFacts.name })
      .from(telemetryExports)
      .leftJoin(personFacts, eq(personFacts.id, telemetryExports.madeBy))
      .where(isNull(telemetryExports.deletedAt))
      .orderBy(desc(telemetryExports.madeAt))
      .limit(100)
    return rows.map(({ row, name }) => ({
      ...{ id: row.id, madeAt: row.madeAt.toISOString(), madeByName: name },
      ...{ from: row.fromAt.toISOString(), until: row.untilAt.toISOString() },
      ...{ rows: row.rows, bytes: row.bytes, sha256: row.sha256, expiresAt: row.expiresAt.toISOString() },
    }))
  },
})

const recordDownload = verb({
  action: 'telemetry.download-export',
  input: telemetryExportInput,
  allow: { role: 'admin', groups: ['operations', 'security', 'compliance'] },
  async run({ tx, input }) {
    const [known] = await tx
      .select({ deletedAt: telemetryExports.deletedAt })
      .from(telemetryExports)
      .where(eq(telemetryExports.id, input.id))
    if (!known) throw new AppError('not_found', 'There is no such export.')
    if (known.deletedAt) throw new AppError('gone', 'Exports are kept for a year; this one is older.')
    return { result: null, change: { target: { type: 'telemetry_export', id: input.id } } }
  },
})

/** The file of an export. */
export const downloadTelemetryExport = flow({
  action: 'telemetry.download-export',
  input: telemetryExportInput,
  allow: { role: 'admin', groups: ['operations', 'security', 'compliance'] },
  async run({ app, input, ctx }) {
    await app.call(recordDownload, input, ctx)
    const file = await app.ports.storage.open(exportKey(input.id))
    if (!file) throw new AppError('gone', 'The file of this export is missing.')
    return file
  },
})
