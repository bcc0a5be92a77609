import { parseArgs } from 'node:util'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { drawMatrix, reportOf } from './report.ts'
import { walkMatrix } from './walk.ts'

const USAGE = `npm run matrix -- [--json]
Tries every operation as everybody on every kind of object, by call and by HTTP; exits 0 only without a wrong verdict.
`

const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } })
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const postgres = await startTestPostgres()
try {
  const matrix = await walkMatrix(() => cloneDatabase(postgres.config, 'portal'))
  const report = reportOf(matrix)
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else {
    for (const line of drawMatrix(matrix.cells)) process.stdout.write(`${line}\n`)
    for (const cell of report.wrong)
      process.stdout.write(
        `WRONG ${cell.action} (${cell.door}) by ${cell.who} on ${cell.object}: expected ${cell.expected}, got ${cell.actual ?? 'neither'}: ${cell.answer}\n`,
      )
    for (const action of report.withoutExample) process.stdout.write(`NO EXAMPLE ${action}\n`)
    for (const { who, cells, allowed } of report.people)
      process.stdout.write(`${who.padEnd(30)} ${cells} cells, ${allowed} allowed\n`)
    process.stdout.write(
      `${report.cells} cells, ${report.wrongAllows} wrong allows, ${report.wrongDenies} wrong denies, ${report.broken} broken\n`,
    )
  }
  process.exitCode = report.ok ? 0 : 1
} finally {
  await postgres.stop()
}
