import { checkTelemetry } from '../modules/reliability/telemetry/check-telemetry.ts'
import { exportTelemetry, listTelemetryExports } from '../modules/reliability/telemetry/export-telemetry.ts'
import { readTelemetry } from '../modules/reliability/telemetry/read-telemetry.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

const percent = (share: number) => `${(share * 100).toFixed(2)} %`

export const telemetry: Noun = {
  noun: 'telemetry',
  verbs: {
    check: {
      summary: 'Compare the last day’s metrics with the tables; exit 1 beyond 2 % or a minute',
      async run(args) {
        const { values } = readArgs(args, {})
        const check = await withPortal(({ app }, ctx) => app.call(checkTelemetry, {}, ctx))
        print(values.json, check, () => [
          ...check.metrics.map(({ metric, counted, database, off, ok }) =>
            [
              ok ? 'ok ' : 'OFF',
              metric.padEnd(28),
              String(counted).padStart(9),
              String(database).padStart(9),
              percent(off),
            ].join('  '),
          ),
          check.ok ? 'Metrics and tables agree.' : 'Metrics and tables do not agree.',
        ])
        return check.ok ? 0 : 1
      },
    },
    slo: {
      summary: 'How the objectives fare over thirty days; exit 1 where one does not hold',
      async run(args) {
        const { values } = readArgs(args, {})
        const { objectives } = await withPortal(({ app }, ctx) =>
          app.call(readTelemetry, { range: '1h' }, ctx),
        )
        const ok = objectives.every(({ holds }) => holds)
        print(values.json, { days: 30, objectives, ok }, () =>
          objectives.map(({ name, target, good, total, ratio, holds }) =>
            [
              holds ? 'holds ' : 'BROKEN',
              name.padEnd(20),
              ratio === null ? 'nothing happened' : `${percent(ratio)} (${good} of ${total})`,
              `target ${percent(target)}`,
            ].join('  '),
          ),
        )
        return ok ? 0 : 1
      },
    },
    export: {
      summary: 'Export what was counted between two days as a CSV, kept for a year',
      usage: '--from 2026-11-01 --until 2026-11-30',
      async run(args) {
        const { values } = readArgs(args, { from: { type: 'string' }, until: { type: 'string' } })
        const { json, ...days } = values
        const made = await withPortal(({ app }, ctx) => app.call(exportTelemetry, days, ctx))
        print(json, made, () => [
          `${made.id}: ${made.rows} rows, ${made.bytes} bytes, SHA-256 ${made.sha256}`,
        ])
        return 0
      },
    },
    exports: {
      summary: 'Exports that are kept, newest first',
      async run(args) {
        const { values } = readArgs(args, {})
        const kept = await withPortal(({ app }, ctx) => app.call(listTelemetryExports, {}, ctx))
        print(values.json, { exports: kept }, () =>
          kept.map(({ id, madeAt, from, until, rows }) =>
            [madeAt, id, `${from.slice(0, 10)} to ${until.slice(0, 10)}`, `${rows} rows`].join('  '),
          ),
        )
        return 0
      },
    },
    token: {
      summary: 'The bearer secret of /metrics',
      async run(args) {
        const { values } = readArgs(args, {})
        const token = await withPortal(async ({ app }) => app.metricsToken.current())
        print(values.json, { token }, () => [token])
        return 0
      },
    },
  },
}
