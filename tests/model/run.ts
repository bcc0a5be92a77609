// `npm run model -- [N] [--seed S] [--json]`: N random sequences of what people do with a share, each through the portal and
// through a model of it. Exit 0 only if every answer was the same.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { createTestApp } from '../support/test-app.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { type Stage, setStage } from './share-driver.ts'
import { playSequence, sequence, type Tally } from './share-sequences.ts'

const USAGE = `npm run model -- [N] [--seed S] [--json]
Plays N random sequences (10000 unless told) of what people do with a share, concurrent steps among them, through the portal
and through a model of it; exits 0 only without a difference. The same seed plays the same sequences.
`
/** Sequences under way at once: a database answers several as fast as one. */
const LANES = 8
const SAY_EVERY_MS = 10_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean' }, seed: { type: 'string' } },
})
const wanted = Number(positionals[0] ?? 10_000)
const seed = Number(values.seed ?? randomInt(2 ** 31 - LANES))
if (values.help || !Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  process.stdout.write(USAGE)
  process.exit(values.help ? 0 : 2)
}

async function playLane(stage: Stage, lane: number, tally: Tally): Promise<string[]> {
  const numRuns = Math.floor(wanted / LANES) + (lane < wanted % LANES ? 1 : 0)
  if (numRuns === 0) return []
  const result = await fc.check(
    fc.asyncProperty(sequence, async (moves) => await playSequence(stage, moves, tally)),
    { numRuns, seed: seed + lane },
  )
  if (!result.failed) return []
  const cause = result.errorInstance instanceof Error ? result.errorInstance.message : 'unknown'
  return [`${cause}\n  in ${JSON.stringify(result.counterexample)}`]
}

async function main() {
  const began = performance.now()
  const postgres = await startTestPostgres()
  const tally: Tally = { sequences: 0, operations: 0, concurrent: 0 }
  const ticker = setInterval(
    () => process.stderr.write(`${tally.sequences} of ${wanted} sequences\n`),
    SAY_EVERY_MS,
  )
  try {
    const t = await createTestApp({}, await cloneDatabase(postgres.config, 'portal'))
    const stage = await setStage(t)
    const lanes = Array.from({ length: LANES }, (_, lane) => playLane(stage, lane, tally))
    const differences = (await Promise.all(lanes)).flat()
    await t.stop()
    const seconds = (performance.now() - began) / 1000
    return { ...tally, differences, seed, seconds, ok: differences.length === 0 && tally.sequences >= wanted }
  } finally {
    clearInterval(ticker)
    await postgres.stop()
  }
}

const report = await main()
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  for (const difference of report.differences) process.stdout.write(`DIFFERENCE ${difference}\n`)
  process.stdout.write(
    `${report.sequences} sequences, ${report.operations} operations, ${report.concurrent} moments with several of them: ${report.differences.length} differences (seed ${seed}, ${report.seconds.toFixed(0)} s)\n`,
  )
}
process.exit(report.ok ? 0 : 1)
