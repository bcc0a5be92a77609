// `npm run asvs -- [--json] [--attestation FILE]`: how the product stands by OWASP ASVS 5.0.0, from the catalogue in
// docs/asvs and the last test run. Exit 0 only if everything that is aimed at is shown, out of place or decided on.
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { REPORTS, readResults } from '../../scripts/test/read-reports.mjs'
import { attestationOf } from './attestation.ts'
import { ROOT, readCatalogue } from './catalogue.ts'
import { countByLevel, faultsOf, type Judged, judge, type Run } from './judge.ts'

const USAGE = `npm run asvs -- [--json] [--attestation FILE]
How the product stands by OWASP ASVS 5.0.0, from docs/asvs and the last npm test; FILE gets a CycloneDX 1.6 attestation.
`

/** Null where there was no test run. */
function readRun(): (Run & { at: Date }) | null {
  const summary = join(REPORTS, 'summary.json')
  if (!existsSync(summary)) return null
  const { steps } = JSON.parse(readFileSync(summary, 'utf8')) as { steps: { name: string; failed: number }[] }
  const results = readdirSync(REPORTS)
    .filter((name) => name.endsWith('.json') && name !== 'summary.json')
    .flatMap((name) => readResults(name === 'e2e.json' ? 'playwright' : 'vitest', join(REPORTS, name)) ?? [])
  return {
    results,
    steps: new Map(steps.map(({ name, failed }) => [name, failed === 0])),
    at: statSync(summary).mtime,
  }
}

function print(judged: readonly Judged[]): void {
  const counts = countByLevel(judged)
  const levels = Object.keys(counts) as (keyof typeof counts)[]
  const line = (name: string, cells: (string | number)[]) =>
    process.stdout.write(`${name.padEnd(16)}${cells.map((cell) => String(cell).padStart(10)).join('')}\n`)
  line('', levels)
  for (const verdict of Object.keys(counts.L1) as (keyof typeof counts.L1)[])
    line(
      verdict,
      levels.map((level) => counts[level][verdict]),
    )
  for (const one of faultsOf(judged)) {
    process.stdout.write(`${one.verdict.toUpperCase()} V${one.id} (L${one.level}) ${one.requirement}\n`)
    for (const { title } of one.tests.filter(({ passed }) => !passed))
      process.stdout.write(`    failed: ${title}\n`)
  }
}

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, attestation: { type: 'string' }, help: { type: 'boolean' } },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const run = readRun()
if (!run) {
  process.stderr.write('There is no test run to read: run npm test first.\n')
  process.exit(1)
}
const judged = judge(readCatalogue(), run)
const ok = faultsOf(judged).length === 0
if (values.attestation) {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }
  const attestation = attestationOf({ judged, version, at: run.at, serial: randomUUID() })
  writeFileSync(values.attestation, `${JSON.stringify(attestation, null, 2)}\n`)
}
if (values.json)
  process.stdout.write(`${JSON.stringify({ counts: countByLevel(judged), requirements: judged, ok })}\n`)
else print(judged)
process.exitCode = ok ? 0 : 1
