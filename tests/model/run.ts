// `npm run model -- [N] [--seed S] [--json]`: N random sequences of what people do with shares, each through the portal and
// through a model of it. Exit 0 only if every answer was the same.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import type pg from 'pg'
import { createTestApp } from '../support/test-app.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { newTally, playSequence, type Tally } from './play-sequence.ts'
import { sequence } from './share-sequences.ts'
import { setStage } from './stage.ts'

const USAGE = `npm run model -- [N] [--seed S] [--json]
Plays N random sequences (10000 unless told) of what people do with shares, concurrent steps among them, through the portal
and through a model of it; exits 0 only without a difference. The same seed plays the same sequences.
`
/** Portals side by side, each with a database of its own: a sequence moves its portal's clock. */
const LANES = 4
const SAY_EVERY_MS = 10_000
const MOST_TRIES = 10

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

async function playLane(server: pg.PoolConfig, lane: number, tally: Tally): Promise<string[]> {
  const numRuns = Math.floor(wanted / LANES) + (lane < wanted % LANES ? 1 : 0)
  if (numRuns === 0) return []
  const t = await createTestApp({}, await cloneDatabase(server, 'portal'))
  try {
    const stage = await setStage(t)
    const result = await fc.check(
      fc.asyncProperty(sequence, (drawn) => played(() => playSequence(stage, drawn, tally))),
      { numRuns, seed: seed + lane },
    )
    if (!result.failed) return []
    const cause = result.errorInstance instanceof Error ? result.errorInstance.message : 'unknown'
    return [`${cause}\n  in ${JSON.stringify(result.counterexample)}`]
  } finally {
    await t.stop()
  }
}

/** A crowded machine may give no connection in time, which says nothing of shares: that sequence comes again. */
async function played(play: () => Promise<void>, tries = 1): Promise<void> {
  try {
    await play()
  } catch (error) {
    const crowded =
      error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect')
    if (!crowded || tries >= MOST_TRIES) throw error
    await played(play, tries + 1)
  }
}

async function main() {
  const began = performance.now()
  const postgres = await startTestPostgres()
  const tally = newTally()
  const ticker = setInterval(
    () => process.stderr.write(`${tally.sequences} of ${wanted} sequences\n`),
    SAY_EVERY_MS,
  )
  try {
    const lanes = Array.from({ length: LANES }, (_, lane) => playLane(postgres.config, lane, tally))
    const differences = (await Promise.all(lanes)).flat()
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
  for (const [step, { taken, granted }] of Object.entries(report.steps))
    process.stdout.write(`${step.padEnd(16)} ${taken} taken, ${granted} granted\n`)
  process.stdout.write(
    `${report.sequences} sequences, ${report.operations} operations, ${report.concurrent} moments with several of them: ${report.differences.length} differences (seed ${seed}, ${report.seconds.toFixed(0)} s)\n`,
  )
}
process.exit(report.ok ? 0 : 1)
