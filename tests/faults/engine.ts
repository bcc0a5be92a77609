import { readFile } from 'node:fs/promises'
import { makeClip } from '../support/clips.ts'
import { createRandom, type Random } from '../support/random.ts'
import type { Counts } from './count.ts'
import { type Cluster, type StorageKind, startCluster } from './engine-cluster.ts'
import { countEngineFaults, untilEngineQuiet } from './engine-count.ts'
import { PHASES, type RoundResult, runRound } from './engine-round.ts'

export type EngineFaultReport = Counts & { runs: number; seed: number; moments: string[]; ok: boolean }

type Options = { runs: number; seed: number; storage: StorageKind[]; say: (line: string) => void }

/** Rounds under way at a time: what is killed serves several. */
const AT_ONCE = 2

/**
 * Videos, `runs` in all, shared out over the kinds of storage; each goes through a cluster of api, delivery and worker
 * processes whose storage fails at random, with one SIGKILL at a random moment of a phase. Then everything is counted.
 */
export async function runEngineFaults(options: Options): Promise<EngineFaultReport> {
  const { runs, seed, storage, say } = options
  const report: EngineFaultReport = {
    ...{ lost: 0, doubled: 0, stuck: 0, orphans: 0, checked: {}, findings: [] },
    ...{ runs, seed, moments: [], ok: false },
  }
  const files = await makeFiles()
  let done = 0
  for (const [n, kind] of storage.entries()) {
    const share = Math.floor(((n + 1) * runs) / storage.length) - done
    const random = createRandom(seed + n)
    const cluster = await startCluster(kind, random)
    try {
      const results = await runRounds(cluster, random, files, share, done, say)
      add(report, await settle(cluster, results, say), results)
    } finally {
      await cluster.stop()
    }
    done += share
  }
  report.ok = runs > 0 && report.lost + report.doubled + report.stuck + report.orphans === 0
  return report
}

type Files = { plain: Buffer; foreign: Buffer; notMedia: Buffer }

async function makeFiles(): Promise<Files> {
  const plain = await makeClip({ seconds: 8, width: 640, height: 360, videoBitrate: 1_500_000 })
  const foreign = await makeClip({
    seconds: 5,
    width: 320,
    height: 240,
    video: 'vp9',
    audio: 'opus',
    container: 'webm',
  })
  return {
    plain: await readFile(plain),
    foreign: await readFile(foreign),
    notMedia: Buffer.from('this is not a video\n'.repeat(30_000)),
  }
}

async function runRounds(
  cluster: Cluster,
  random: Random,
  files: Files,
  rounds: number,
  before: number,
  say: Options['say'],
): Promise<RoundResult[]> {
  const results: RoundResult[] = []
  let next = 0
  const work = async () => {
    while (next < rounds) {
      const n = next
      next += 1
      const kind = n % 7 === 4 ? 'notMedia' : n % 4 === 2 ? 'foreign' : 'plain'
      const result = await runRound({
        cluster,
        random,
        phase: PHASES[(before + n) % PHASES.length] ?? 'upload',
        // Each differs in its last bytes, which no demuxer minds.
        file: Buffer.concat([files[kind], Buffer.from(`round ${before + n}`)]),
        expected: kind === 'notMedia' ? 'errored' : 'ready',
        thenDelete: n % 3 === 1,
      })
      results.push(result)
      say(`${cluster.kind} ${results.length}/${rounds}: killed ${result.moment}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

async function settle(cluster: Cluster, results: RoundResult[], say: Options['say']): Promise<Counts> {
  await cluster.calm()
  const stuck = await untilEngineQuiet(cluster)
  await cluster.rest()
  say(`${cluster.kind}: at rest, counting`)
  return countEngineFaults(cluster, results, stuck)
}

function add(report: EngineFaultReport, counts: Counts, results: RoundResult[]): void {
  for (const name of ['lost', 'doubled', 'stuck', 'orphans'] as const) report[name] += counts[name]
  for (const [what, count] of Object.entries(counts.checked)) {
    report.checked[what] = (report.checked[what] ?? 0) + count
  }
  report.findings.push(...counts.findings)
  report.moments.push(...results.map(({ moment }) => moment))
}
