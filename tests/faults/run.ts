import { parseArgs } from 'node:util'
import { runJobFaults } from './job.ts'

const USAGE = `npm run faults -- job [--runs N] [--seed S] [--json]
Kills everything at N random moments of the main job (10 by default), then counts what was lost, doubled, stuck
or left over; exits 0 only if nothing was and the audit log verifies.
`

// Ending in order is what lets a started portal be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    runs: { type: 'string', default: '10' },
    seed: { type: 'string' },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
if (values.help || positionals.join() !== 'job' || !Number.isInteger(runs) || !Number.isInteger(seed)) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}
const say = (line: string) => process.stderr.write(`${line}\n`)
say(`seed ${seed}`)
const report = await runJobFaults({ runs, seed, say })
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const { lost, doubled, stuck, orphans, verified, checked, findings } = report
  process.stdout.write(
    [
      `kills            ${report.runs} (seed ${seed}): ${report.moments.join(', ')}`,
      `checked          ${Object.entries(checked)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}`,
      `lost             ${lost}`,
      `doubled          ${doubled}`,
      `stuck            ${stuck}`,
      `orphans          ${orphans}`,
      `audit verify     ${verified ? 'passes' : 'FAILS'}`,
      ...findings.map((finding) => `  ${finding}`),
      '',
    ].join('\n'),
  )
}
process.exit(report.ok ? 0 : 1)
