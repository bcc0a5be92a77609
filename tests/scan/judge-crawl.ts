import type { Start } from './crawl-starts.ts'
import { isPlanted, unfoundHoles } from './planted-holes.ts'
import type { Finding, ScanResult } from './scan.ts'

/** What of wapiti's report is read. */
export type WapitiReport = {
  vulnerabilities: Record<string, { method: string; path: string; info: string; parameter?: string | null }[]>
  anomalies: Record<string, { method: string; path: string; info: string; parameter?: string | null }[]>
  infos?: { version?: string }
}

export type Crawled = {
  report: WapitiReport
  /** What wapiti wrote, both streams. */
  output: string
  /** What the walk began at, as it answered before. */
  starts: readonly Start[]
  /** "GET /path?query" → the first status that it was answered with. */
  first: ReadonlyMap<string, number>
  /** Status → how many answers; 0 where none came. */
  counts: ReadonlyMap<number, number>
  /** Whether the session that wapiti sent still holds at the end. */
  signedIn: boolean
  /** Whether wapiti had to be ended before it was through. */
  ended: boolean
}

/** Of what was shown before so much must be shown to wapiti: a walk of who is not signed in sees a quarter. */
const SHOWN = 0.95
/** Of all requests so many may go without an answer to what they tried: busy, limited or broken off. */
const UNTRIED = 0.01

/** What wapiti finds by what it is, not by what the product does. */
const ASIDE = [
  {
    ...{ rule: 'Backup file', path: /^\/s\// },
    why: 'every address there is one document, which knows of no link',
  },
]

/** What a walk says of the product, and whether it can say anything: pure. */
export function judgeCrawl(crawled: Crawled): Omit<ScanResult, 'tools'> {
  const { report, output, starts, first, counts } = crawled
  const all = Object.entries({ ...report.vulnerabilities, ...report.anomalies }).flatMap(([rule, each]) =>
    each.map((one) => ({ rule, ...one })),
  )
  const [aside, found] = [true, false].map((wanted) =>
    all.filter((one) => !isPlanted(one.path) && isAside(one) === wanted),
  ) as [typeof all, typeof all]
  const findings = found.map(
    ({ rule, method, path, info }): Finding => ({ where: `${method} ${path}`, rule, what: info }),
  )
  const { walked, cutShort } = reachOf(output)
  const expected = starts.filter(({ shown }) => shown)
  const shown = expected.filter(({ path }) => first.get(`GET ${path}`) === 200).length
  const reasons = doubts(crawled, { shown, expected: expected.length }, all)
  return {
    checked: walked,
    findings,
    notes: {
      'started from': starts.length,
      'of these shown': `${shown} of ${expected.length}`,
      'requests by status': [...counts]
        .sort(([one], [other]) => one - other)
        .map(([status, count]) => `${status || 'none'}: ${count}`)
        .join(', '),
      'cut short': cutShort.join(', ') || 'nothing',
      ...Object.fromEntries(
        ASIDE.map(({ rule, why }) => [
          `${rule}, set aside`,
          `${aside.filter((one) => one.rule === rule).length} (${why})`,
        ]),
      ),
    },
    ...(reasons.length ? { unknown: reasons.join('; ') } : {}),
  }
}

const isAside = (found: { rule: string; path: string }) =>
  ASIDE.some(({ rule, path }) => rule === found.rule && path.test(found.path))

/** How many addresses the walk met, and which modules did not get through them all. */
function reachOf(output: string): { walked: number; cutShort: string[] } {
  const [walk = '', ...modules] = output.split(/^\[\*\] Launching module /m)
  const met = (text: string) => new Set(text.match(/^\[\+\] (?:GET|POST) \S+/gm) ?? []).size
  const walked = met(walk)
  return {
    walked,
    cutShort: [
      ...(/Max scan time was reached/.test(walk) ? ['the walk'] : []),
      ...modules
        .filter((text) => /Max attack time was reached/.test(text))
        .map((text) => `${/^\w+/.exec(text)?.[0]} after ${met(text)} of ${walked}`),
    ],
  }
}

function doubts(
  { counts, signedIn, ended }: Crawled,
  { shown, expected }: { shown: number; expected: number },
  all: { rule: string; path: string }[],
) {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const untried = [0, 429, 502, 503, 504].reduce((sum, status) => sum + (counts.get(status) ?? 0), 0)
  const unfound = unfoundHoles(all)
  return [
    ended ? 'wapiti had to be ended: it hangs, or the machine is too busy for it' : [],
    signedIn ? [] : 'the session ended meanwhile: what came after it saw only 401',
    unfound.length ? `planted and not found: ${unfound.join(', ')}` : [],
    expected === 0 || shown < expected * SHOWN
      ? `only ${shown} of ${expected} addresses that are shown to who is signed in were shown`
      : [],
    total === 0 || untried > total * UNTRIED
      ? `${untried} of ${total} requests were limited or broken off`
      : [],
  ].flat()
}
