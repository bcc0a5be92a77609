import { readFile } from 'node:fs/promises'
import { makeClip } from '../support/clips.ts'
import { invite, signIn } from '../support/portal-people.ts'
import { createRandom } from '../support/random.ts'
import { startStack } from '../support/stack.ts'
import { verifyLog } from '../support/stack-tools.ts'
import { type Counts, countFaults } from './count.ts'
import { createJournal } from './journal.ts'
import { KILL_PHASES, runOneJob } from './one-job.ts'
import { untilQuiet } from './quiet.ts'

export type FaultReport = Counts & {
  runs: number
  seed: number
  /** Where each kill fell. */
  moments: string[]
  verified: boolean
  ok: boolean
}

/**
 * The main job, `runs` times on one installation, each with one SIGKILL of the whole process tree at a random moment
 * of upload, processing or issuance. What was acknowledged is written down on the client's side and counted at the end.
 */
export async function runJobFaults(options: {
  runs: number
  seed: number
  say: (line: string) => void
}): Promise<FaultReport> {
  const { runs, seed, say } = options
  const random = createRandom(seed)
  const journal = createJournal()
  const file = await readFile(
    await makeClip({ seconds: 8, width: 640, height: 360, videoBitrate: 2_000_000 }),
  )
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  try {
    const admin = await signIn(stack.url, stack.admin)
    const agency = await signIn(stack.url, await invite(admin))
    for (let n = 0; n < runs; n += 1) {
      const phase = KILL_PHASES[n % KILL_PHASES.length]!
      const moment = await runOneJob({ stack, agency, file, random, journal, phase })
      say(`${n + 1}/${runs}: killed ${moment}, and the job went on to its end`)
      journal.moments.push(moment)
    }
    const stuck = await untilQuiet(stack)
    // First, for it waits until everything that was committed is in the tree: only what is there counts.
    const { ok: verified, says } = await verifyLog(stack)
    const counts = await countFaults(stack, journal, file, stuck)
    if (!verified) counts.findings.push(says)
    const clean = counts.lost + counts.doubled + counts.stuck + counts.orphans === 0
    return { ...counts, runs, seed, moments: journal.moments, verified, ok: clean && verified && runs > 0 }
  } catch (error) {
    say(stack.logs().slice(-3000))
    throw error
  } finally {
    await stack.stop()
  }
}
