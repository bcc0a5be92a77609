// `npm run scan -- [NAME...] [--url URL] [--minutes N] [--json]`: what other people's scanners say of the product. Exit 0 only if
// every scan looked at something and none found anything.
import { parseArgs } from 'node:util'
import type { Scan, ScanOptions, ScanResult } from './scan.ts'

/** What each scan looks at, and where it is written. */
const SCANS: Record<string, { about: string; load: () => Promise<{ run: Scan }> }> = {
  headers: {
    about: 'response headers over TLS, by Mozilla’s HTTP Observatory',
    load: () => import('./headers.ts'),
  },
  csp: {
    about: 'the policy of each page as each kind of person, and of every other answer, by csp_evaluator',
    load: () => import('./csp.ts'),
  },
  openapi: {
    about: 'the API’s document, by Spectral with OWASP’s rules and by Redocly',
    load: () => import('./openapi.ts'),
  },
  contract: {
    about: 'every operation asked at random: documented status, type and shape, never a 500',
    load: () => import('./contract.ts'),
  },
  secrets: { about: 'the whole history, by secretlint', load: () => import('./secrets.ts') },
  dependencies: {
    about: 'known flaws, by npm audit; the lock file',
    load: () => import('./dependencies.ts'),
  },
  crawl: { about: 'pages and API, signed in (wapiti)', load: () => import('./crawl.ts') },
  injection: {
    about: 'every parameter of the API, signed in (sqlmap)',
    load: () => import('./injection.ts'),
  },
  slow: {
    about: 'slow heads, bodies and readers (slowhttptest); --minutes 60 for an hour-long upload meanwhile',
    load: () => import('./slow.ts'),
  },
  sbom: { about: 'the parts list, as CycloneDX 1.6', load: () => import('./sbom.ts') },
}
const USAGE = `npm run scan -- [NAME...] [--url URL] [--minutes N] [--json]
${Object.entries(SCANS)
  .map(([name, { about }]) => `  ${name.padEnd(13)} ${about}\n`)
  .join(
    '',
  )}Without a name, all of them one after another. --url looks at a running portal where a scan needs one.
`

type Judged = ScanResult & { name: string; seconds: number; ok: boolean }

async function judge(name: string, options: ScanOptions): Promise<Judged> {
  const began = performance.now()
  const { run } = await (SCANS[name] as (typeof SCANS)[string]).load()
  const result = await run(options)
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1))
  return {
    name,
    ...result,
    seconds,
    ok: result.checked > 0 && result.findings.length === 0 && result.unknown === undefined,
  }
}

function told({ name, tools, checked, findings, unknown, notes = {}, seconds, ok }: Judged): string {
  const state = ok ? 'nothing found' : unknown ? `UNKNOWN: ${unknown}` : `${findings.length} found`
  const lines = [
    `${name.padEnd(13)} ${state} (${checked} looked at by ${tools.join(', ')}, ${seconds} s)`,
    ...Object.entries(notes).map(([key, value]) => `  ${key}: ${value}`),
    ...findings.map(({ where, rule, what }) => `  ✗ ${where}: ${rule}: ${what}`),
  ]
  return `${lines.join('\n')}\n`
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    url: { type: 'string' },
    minutes: { type: 'string' },
  },
})
const names = positionals.length ? positionals : Object.keys(SCANS)
if (values.help || names.some((name) => !Object.hasOwn(SCANS, name))) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}
// Ending in order is what lets a started portal be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const scans: Judged[] = []
for (const name of names) {
  const judged = await judge(name, {
    url: values.url,
    minutes: values.minutes ? Number(values.minutes) : undefined,
  })
  scans.push(judged)
  if (!values.json) process.stdout.write(told(judged))
}
const ok = scans.every((scan) => scan.ok)
if (values.json) process.stdout.write(`${JSON.stringify({ scans, ok })}\n`)
process.exit(ok ? 0 : 1)
