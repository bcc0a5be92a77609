import { parseArgs } from 'node:util'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { walkPageDoor } from './page-door.ts'
import { drawMatrix, reportOf } from './report.ts'
import { type Matrix, walkMatrix } from './walk.ts'

const USAGE = `npm run matrix -- [--json] [--door operations|pages]
Tries every operation as everybody on every kind of object, by call, by command and by HTTP, and opens every page of a
running portal as everybody; exits 0 only without a wrong verdict.
`

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, help: { type: 'boolean' }, door: { type: 'string' } },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const NOTHING: Matrix = { cells: [], withoutExample: [], withoutOperation: [] }

async function walkOperations(): Promise<Matrix> {
  const postgres = await startTestPostgres()
  try {
    return await walkMatrix(() => cloneDatabase(postgres.config, 'portal'))
  } finally {
    await postgres.stop()
  }
}

const found = values.door === 'pages' ? NOTHING : await walkOperations()
const pages = values.door === 'operations' ? { cells: [], undeclared: [] } : await walkPageDoor()
const matrix = {
  ...found,
  cells: [...found.cells, ...pages.cells],
  withoutExample: [...found.withoutExample, ...pages.undeclared],
}
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
