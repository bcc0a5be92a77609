// `npm run scan -- injection [--minutes N]`: sqlmap on every parameter of the API, as a signed-in administrator.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianTool, runTool } from './debian-tool.ts'
import { type InjectionTarget, injectionTargets } from './injection-targets.ts'
import type { Finding, Scan } from './scan.ts'
import { type SignedIn, startSignedIn } from './signed-in-portal.ts'

const MINUTES = 12
const ONE_MS = 120_000
const AT_ONCE = 2
const OPTIONS = [
  ...['--force-ssl', '--batch', '--flush-session', '--disable-coloring', '--timeout', '15', '--retries', '1'],
  ...['--dbms', 'PostgreSQL', '--technique', 'BEU', '--level', '1', '--risk', '1', '--threads', '4'],
  ...['--ignore-code', '400,401,403,404,409,422,429', '--skip-waf', '-v', '1'],
  // Without a terminal it would take its targets from standard input, and try nothing.
  ...['--ignore-stdin', '--answers', 'follow=N,extending=N,skip=N'],
]

type Tried = { parameters: number; finding?: Finding; untried?: string }

/** Each operation is tried with all its parameters; those without any are counted, for there is nothing to try. */
export const run: Scan = async ({ minutes = MINUTES }) => {
  await debianTool('sqlmap')
  const portal = await startSignedIn()
  const deadline = performance.now() + minutes * 60_000
  try {
    const { targets, without } = injectionTargets(portal.url, portal.cookie, portal.document)
    const queue = [...targets.entries()]
    const tried: Tried[] = []
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift())
        tried.push(await tryOne(portal, next[1], next[0], deadline))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    const untried = tried.flatMap((one) => one.untried ?? [])
    if (!(await isSignedIn(portal)))
      untried.push('the session ended meanwhile: what came after it saw only 401')
    return {
      tools: [await versionOf()],
      checked: targets.length - untried.length,
      findings: tried.flatMap((one) => one.finding ?? []),
      notes: {
        operations: targets.length,
        'without any input': without.length,
        'parameters tried': tried.reduce((sum, { parameters }) => sum + parameters, 0),
      },
      ...(untried.length ? { unknown: untried.join('; ') } : {}),
    }
  } finally {
    await portal.stop()
  }
}

async function tryOne(
  { folder }: SignedIn,
  { name, request, parameters }: InjectionTarget,
  place: number,
  deadline: number,
): Promise<Tried> {
  const left = deadline - performance.now()
  if (left < 5000) return { parameters: 0, untried: `${name}: no time was left` }
  const file = join(folder, `request-${place}.txt`)
  await writeFile(file, request)
  const args = ['-r', file, '--output-dir', join(folder, `sqlmap-${place}`), ...OPTIONS]
  const { output, code } = await runTool('sqlmap', args, {
    deadlineMs: Math.min(ONE_MS, left),
    cwd: folder,
  })
  const held = output.match(/^\[.*\] \[WARNING\] .*does not seem to be injectable/gm)?.length ?? 0
  if (/identified the following injection point|is vulnerable/.test(output)) {
    const what = output.slice(output.indexOf('Parameter:'), -1).slice(0, 300)
    return { parameters: held + 1, finding: { where: name, rule: 'sql-injection', what } }
  }
  if (code === null) return { parameters: held, untried: `${name}: ended after ${held} of ${parameters}` }
  const last = output.match(/^\[.*\] \[CRITICAL\] (.*)/m)?.[1]?.slice(0, 120)
  if (held < parameters)
    return {
      parameters: held,
      untried: `${name}: ${held} of ${parameters} were tried${last ? ` (${last})` : ''}`,
    }
  return { parameters: held }
}

const isSignedIn = async ({ internalUrl, cookie }: SignedIn) =>
  (await fetch(`${internalUrl}/api/account/sessions`, { headers: { cookie } })).status === 200

async function versionOf(): Promise<string> {
  const { output } = await runTool('sqlmap', ['--version'], { deadlineMs: 30_000 })
  return `sqlmap ${output.split('\n', 1)[0]?.trim()}`
}
