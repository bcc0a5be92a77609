// `npm run scan -- crawl [--minutes N]`: wapiti walks the pages and the API as a signed-in administrator.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { selfSigned } from '../support/certificate.ts'
import { type CountingDoor, startCountingDoor } from './counting-door.ts'
import { crawlStarts, fillPortal } from './crawl-starts.ts'
import { debianTool, runTool } from './debian-tool.ts'
import { judgeCrawl, type WapitiReport } from './judge-crawl.ts'
import { plantedStarts, plantHoles } from './planted-holes.ts'
import type { Scan, ScanResult } from './scan.ts'
import { type SignedIn, startSignedIn } from './signed-in-portal.ts'

const MINUTES = 6
/**
 * Of wapiti's modules all that ask nobody outside: its own databases and its call-back host are elsewhere. Those that ask a
 * few things of each address get through them all; the others, which ask dozens, have what is left of the time.
 */
const THROUGH = [
  ...['cookieflags', 'crlf', 'csp', 'htaccess', 'http_headers', 'methods', 'permanentxss'],
  ...['redirect', 'shellshock', 'sql', 'xss'],
]
const TIMED = ['exec', 'file', 'blindsql', 'backup']

export const run: Scan = async ({ minutes = MINUTES }) => {
  await debianTool('wapiti')
  let cookie: string | null = null
  const door = await startCountingDoor(selfSigned(), {
    planted: plantHoles((sent) => cookie !== null && sent.includes(cookie)),
    // Scripts by the dozen: files as they were built, at which every module would spend its time first.
    leavesOut: (path) => /^\/(_next|_viewer)\//.test(path),
  })
  let portal: SignedIn | null = null
  try {
    portal = await startSignedIn({ behind: door.url })
    cookie = portal.cookie
    door.leadTo(portal.internalUrl)
    return await walk(door, portal, minutes)
  } finally {
    await portal?.stop()
    await door.stop()
  }
}

async function walk(door: CountingDoor, portal: SignedIn, minutes: number): Promise<ScanResult> {
  const { client, document, folder } = portal
  const ask = async (path: string) => {
    const { status, body } = await client.send('GET', path)
    await body?.cancel()
    return status
  }
  const known = await fillPortal(client)
  const starts = await crawlStarts(document, known, ask)
  const paths = starts.map(({ path }) => path)
  const file = join(folder, 'wapiti.json')
  const began = performance.now()
  let ended = false
  const wapiti = async (args: string[]) => {
    const options = { deadlineMs: (minutes * 2 + 5) * 60_000, cwd: folder }
    const ran = await runTool('wapiti', [...common(door.url, portal, file), ...args], options)
    ended ||= ran.code === null
    return ran.output
  }
  const walked = await wapiti([
    ...['-m', THROUGH.join(), '--flush-session', '--max-scan-time', `${minutes * 30}`],
    ...['--max-links-per-page', '60', '--max-files-per-dir', '100'],
    ...[...plantedStarts(''), ...paths].flatMap((path) => ['-s', `${door.url}${path}`]),
  ])
  const left = minutes * 60 - (performance.now() - began) / 1000
  const seconds = Math.max(10, Math.ceil(left / TIMED.length))
  const output =
    walked + (await wapiti(['-m', TIMED.join(), '--skip-crawl', '--max-attack-time', `${seconds}`]))
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`wapiti made no report:\n${output.slice(-1500)}`)
  })
  const report = JSON.parse(text) as WapitiReport
  const signedIn = (await ask('/api/account/sessions')) === 200
  const { first, counts } = door
  const judged = judgeCrawl({ report, output, starts, first, counts, signedIn, ended })
  return {
    tools: [report.infos?.version ?? 'Wapiti'],
    ...judged,
    notes: { modules: [...THROUGH, ...TIMED].join(' '), ...judged.notes },
  }
}

/** Links are followed once: the ones behind them are the same pages with two parameters, and each page costs dozens of requests. */
const common = (origin: string, { cookie, folder }: SignedIn, file: string) => [
  ...['-u', `${origin}/`, '--scope', 'domain', '--verify-ssl', '0', '-H', `Cookie: ${cookie}`],
  ...['--level', '2', '--depth', '1', '--max-parameters', '12', '-S', 'normal', '-t', '15', '-v', '1'],
  ...['--store-session', folder, '--no-bugreport', '-f', 'json', '-o', file],
]
