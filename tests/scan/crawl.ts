// `npm run scan -- crawl [--minutes N]`: wapiti walks the pages and the API as a signed-in administrator.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianTool, runTool } from './debian-tool.ts'
import type { Finding, Scan } from './scan.ts'
import { type OpenApi, startSignedIn } from './signed-in-portal.ts'

const MINUTES = 6
/** All that ask nobody outside: its own databases and its call-back host are elsewhere. */
const MODULES = [
  ...[
    'backup',
    'blindsql',
    'cookieflags',
    'crlf',
    'csp',
    'exec',
    'file',
    'htaccess',
    'http_headers',
    'methods',
  ],
  ...['permanentxss', 'redirect', 'shellshock', 'sql', 'xss'],
]
/** Where a walk may begin: pages without links to them, and each group of staff's. */
const PAGES = [
  '/',
  '/videos',
  '/uploads',
  '/projects',
  '/account',
  '/admin',
  '/admin/audit',
  '/admin/limits',
  '/privacy',
]

type Report = {
  vulnerabilities: Record<string, { method: string; path: string; info: string; parameter: string }[]>
  anomalies: Record<string, { method: string; path: string; info: string }[]>
}

export const run: Scan = async ({ minutes = MINUTES }) => {
  await debianTool('wapiti')
  const portal = await startSignedIn()
  try {
    const file = join(portal.folder, 'wapiti.json')
    const starts = [...PAGES.map((path) => `${portal.url}${path}`), ...addresses(portal.url, portal.document)]
    const attackSeconds = Math.max(20, Math.floor((minutes * 60) / MODULES.length))
    const { output } = await runTool(
      'wapiti',
      [
        ...['-u', `${portal.url}/`, '--scope', 'domain', '-m', MODULES.join(), '--verify-ssl', '0'],
        ...['-H', `Cookie: ${portal.cookie}`, '--level', '2'],
        ...starts.flatMap((start) => ['-s', start]),
        ...['--max-scan-time', `${Math.floor(minutes * 30)}`, '--max-attack-time', `${attackSeconds}`],
        ...[
          '--max-links-per-page',
          '60',
          '--max-files-per-dir',
          '40',
          '--max-parameters',
          '12',
          '-S',
          'normal',
        ],
        ...['--flush-session', '--store-session', portal.folder, '--no-bugreport', '-t', '15', '-v', '1'],
        ...['-f', 'json', '-o', file],
      ],
      { deadlineMs: (minutes * 2 + 5) * 60_000, cwd: portal.folder },
    )
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error(`wapiti made no report:\n${output.slice(-1500)}`)
    })
    const report = JSON.parse(text) as Report & { infos?: { version?: string } }
    const crawled = (output.match(/^\[\+\] (GET|POST) /gm) ?? []).length
    const pages = Number(/(\d+) (?:URLs|forms|requests)/i.exec(output)?.[1] ?? crawled)
    return {
      tools: [report.infos?.version ?? 'Wapiti'],
      checked: Math.max(pages, starts.length),
      findings: findingsIn(report),
      notes: { modules: MODULES.join(' '), 'started from': starts.length },
    }
  } finally {
    await portal.stop()
  }
}

/** What may be read, with a value for each parameter: forms are made of React, which wapiti does not run. */
function addresses(origin: string, document: OpenApi): string[] {
  return Object.entries(document.paths).flatMap(([path, { get }]) => {
    if (!get || path.includes('{') || /export|stream|\.csv/.test(path)) return []
    const query = new URLSearchParams(
      (get.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => [name, 'a']),
    )
    return [`${origin}${path}${query.size ? `?${query}` : ''}`]
  })
}

function findingsIn({ vulnerabilities, anomalies }: Report): Finding[] {
  return Object.entries({ ...vulnerabilities, ...anomalies }).flatMap(([rule, each]) =>
    each.map(({ method, path, info }) => ({ where: `${method} ${path}`, rule, what: info })),
  )
}
