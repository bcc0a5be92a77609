import { parseArgs } from 'node:util'
import type { Counts } from './count.ts'

const USAGE = `npm run faults -- job|engine|uploads|webhooks|stores [--runs N] [--seed S] [--json]
job      kills everything at N random moments of the main job (10 by default); the audit log must verify too
engine   kills one process of a cluster (api, delivery, worker) at a random moment of each of N videos (24 by default),
         while storage fails at random; --storage disk, s3 or disk,s3 (the default: half of the videos each)
uploads  ends N connections (1,000 by default) at random bytes of uploads by UpChunk, and N by the portal's uploader,
         in a browser; every file must have arrived whole
webhooks sends the events of N uploads (10,000 by default; --uploads N) from a provider that drops, repeats, delays and
         shuffles them to two portals that are killed at random, over a database that fails for a while
stores   kills, pauses and sets the clocks of the stores that count requests for the limits, under load from two nodes;
         doubled is what was admitted beyond burst + rate·t, lost who was locked out, stuck what did not recover
Then counts what was lost, doubled, stuck or left over; exits 0 only if nothing was.
`

type Report = Counts & { runs: number; seed: number; moments: string[]; ok: boolean; verified?: boolean }

// Ending in order is what lets a started portal be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    uploads: { type: 'string' },
    storage: { type: 'string', default: 'disk,s3' },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const storage = values.storage.split(',').filter((kind) => kind === 'disk' || kind === 's3')

// Each run loads only what it needs.
const RUNS: Record<string, { runs: number; start(runs: number): Promise<Report> }> = {
  job: {
    runs: 10,
    start: async (runs) => (await import('./job.ts')).runJobFaults({ runs, seed, say }),
  },
  engine: {
    runs: 24,
    start: async (runs) => (await import('./engine.ts')).runEngineFaults({ runs, seed, storage, say }),
  },
  uploads: {
    runs: 1000,
    start: async (runs) => (await import('./uploads.ts')).runUploadFaults({ runs, seed, say }),
  },
  webhooks: {
    runs: 10_000,
    start: async (uploads) => (await import('./webhooks.ts')).runWebhookFaults({ uploads, seed, say }),
  },
  stores: {
    runs: 7,
    start: async () => (await import('./stores.ts')).runStoreFaults({ seed, say }),
  },
}
const run = RUNS[positionals.join()]
const runs = Number(values.uploads ?? values.runs ?? run?.runs)
if (values.help || !run || storage.length === 0 || !Number.isInteger(runs) || !Number.isInteger(seed)) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}
say(`seed ${seed}`)
const report = await run.start(runs)
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report))
process.exit(report.ok ? 0 : 1)

function table({
  lost,
  doubled,
  stuck,
  orphans,
  verified,
  checked,
  findings,
  moments,
  runs,
}: Report): string {
  const counted = Object.entries(checked).map(([what, count]) => `${count} ${what}`)
  return [
    `kills            ${runs} (seed ${seed}): ${moments.join(', ')}`,
    `checked          ${counted.join(', ')}`,
    `lost             ${lost}`,
    `doubled          ${doubled}`,
    `stuck            ${stuck}`,
    `orphans          ${orphans}`,
    ...(verified === undefined ? [] : [`audit verify     ${verified ? 'passes' : 'FAILS'}`]),
    ...findings.map((finding) => `  ${finding}`),
    '',
  ].join('\n')
}
