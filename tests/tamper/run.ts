// `npm run tamper -- [N] [--seed S] [--json]`: N random tamperings of a log, in its database, its export, its receipts and
// what it serves. Exit 0 only if each was found and no untouched copy was refused.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { furnishLog } from './furnish-log.ts'
import { type TamperReport, tryTamperings } from './try-tamperings.ts'

const USAGE = `npm run tamper -- [N] [--seed S] [--json]
Tampers N times (10000 unless told) with copies of a log, by every kind in turn, and verifies each; exits 0 only if each
tampering was found and no untouched copy was refused. The same seed tampers the same.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean' }, seed: { type: 'string' } },
})
const wanted = Number(positionals[0] ?? 10_000)
const seed = Number(values.seed ?? randomInt(2 ** 31))
if (values.help || !Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  process.stdout.write(USAGE)
  process.exit(values.help ? 0 : 2)
}

function table({ tried, found, untouched, falseAlarms, seconds, kinds }: TamperReport): string {
  const rows = kinds.map(
    ({ target, kind, tried, found, unreadable }) =>
      `${target.padEnd(10)} ${kind.padEnd(66)} ${tried} tried, ${found} found${unreadable ? ` (${unreadable} unreadable)` : ''}`,
  )
  const alarms = `${untouched} untouched copies, ${falseAlarms} false alarms`
  return [...rows, '', `${tried} tried, ${found} found; ${alarms}; ${seconds} s; seed ${seed}`].join('\n')
}

// Ending in order is what lets the database be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const server = await startTestPostgres()
try {
  const log = await furnishLog(await cloneDatabase(server.config, 'portal'))
  const report = await tryTamperings(log.targets, wanted, seed, (tried) =>
    process.stderr.write(`${tried} of ${wanted}\n`),
  )
  await log.close()
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${table(report)}\n`)
  process.exitCode = report.ok ? 0 : 1
} finally {
  await server.stop()
}
