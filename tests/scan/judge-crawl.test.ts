import { expect, it } from 'vitest'
import { type Crawled, judgeCrawl } from './judge-crawl.ts'

const found = (path: string) => ({ method: 'GET', path, info: 'found', parameter: 'x' })
const PLANTED = {
  'Cross Site Scripting': [found('/~planted/echo?text=%3Cscript')],
  'SQL Injection': [found('/~planted/find?name=%27')],
  'Open Redirect': [found('/~planted/go?to=https')],
}
const WALK = '[+] GET https://localhost:1/videos (0)\n[+] GET https://localhost:1/api/videos?limit=50 (0)\n'
const starts = Array.from({ length: 20 }, (_, n) => ({ path: `/page/${n}`, shown: true }))
const statuses = (status: number) => new Map(starts.map(({ path }) => [`GET ${path}`, status]))

const sound: Crawled = {
  report: { vulnerabilities: PLANTED, anomalies: {} },
  output: `${WALK}[*] Launching module sql\n${WALK}\n[*] Launching module xss\n${WALK}`,
  starts: [...starts, { path: '/not/granted', shown: false }],
  first: statuses(200),
  counts: new Map([
    [200, 900],
    [404, 95],
    [429, 5],
  ]),
  signedIn: true,
  ended: false,
}

it('a walk that was signed in, got everywhere and found what was planted, and only that, is a pass', () => {
  const { findings, unknown, checked, notes } = judgeCrawl(sound)
  expect({ findings, unknown, checked }).toEqual({ findings: [], unknown: undefined, checked: 2 })
  expect(notes).toMatchObject({
    'of these shown': '20 of 20',
    'requests by status': '200: 900, 404: 95, 429: 5',
    'cut short': 'nothing',
  })
})

it.each<[string, Partial<Crawled>, RegExp]>([
  ['wapiti was ended', { ended: true }, /had to be ended/],
  ['the session ended', { signedIn: false }, /session ended/],
  [
    'a planted hole was not found',
    { report: { vulnerabilities: { ...PLANTED, 'Cross Site Scripting': [] }, anomalies: {} } },
    /planted and not found: Cross Site Scripting/,
  ],
  ['pages led to the sign-in', { first: statuses(307) }, /only 0 of 20 addresses/],
  ['wapiti never got to most pages', { first: new Map() }, /only 0 of 20 addresses/],
  ['nothing was shown to anybody', { starts: [] }, /only 0 of 0 addresses/],
  [
    'most requests were limited',
    {
      counts: new Map([
        [200, 90],
        [429, 910],
      ]),
    },
    /910 of 1000 requests were limited/,
  ],
  ['answers broke off', { counts: new Map([...sound.counts, [0, 50]]) }, /55 of 1050 requests/],
  ['nothing was asked', { counts: new Map() }, /0 of 0 requests/],
])('nothing can be said where %s', (_, flaw, reason) => {
  expect(judgeCrawl({ ...sound, ...flaw }).unknown).toMatch(reason)
})

it('what is found beside the planted is a finding, where it is no name of the one document under /s/', () => {
  const vulnerabilities = {
    ...PLANTED,
    'Backup file': [found('/s/token.bak'), found('/videos.bak')],
    'Path Traversal': [found('/s/token?x=/etc/passwd')],
  }
  const anomalies = { 'Internal Server Error': [found('/api/videos?limit=%27')] }
  const { findings, notes } = judgeCrawl({ ...sound, report: { vulnerabilities, anomalies } })
  expect(findings.map(({ where }) => where)).toEqual([
    'GET /videos.bak',
    'GET /s/token?x=/etc/passwd',
    'GET /api/videos?limit=%27',
  ])
  expect(notes?.['Backup file, set aside']).toMatch(/^1 /)
})

it('says which modules ran out of time, and how far they got', () => {
  const output = `${WALK}Max scan time was reached, stopping.\n[*] Launching module exec\n${WALK.split('\n', 1)}\nMax attack time was reached for module exec, stopping.\n[*] Launching module xss\n${WALK}`
  expect(judgeCrawl({ ...sound, output }).notes?.['cut short']).toBe('the walk, exec after 1 of 2')
})
