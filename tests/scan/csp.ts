import { audienceOf, pagePaths } from '../matrix/pages.ts'
import { createClient, type PortalClient } from '../support/portal-client.ts'
import { invite, signIn } from '../support/portal-people.ts'
import { startStack } from '../support/stack.ts'
import { cspFindings } from './judge-csp.ts'
import type { Finding, Scan } from './scan.ts'

/** An ID that nothing has: its page says so. */
const NOBODYS = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
/** What is no page of Next's: a link, assets, answers of API and engine, refusals of each. */
const OTHERS: [method: string, path: string][] = [
  ['GET', '/s/an-unknown-link'],
  ['GET', '/icon.svg'],
  ['GET', '/robots.txt'],
  ['GET', '/.well-known/security.txt'],
  ['GET', '/nothing/is/here'],
  ['GET', '/api/openapi.json'],
  ['GET', '/api/nothing'],
  ['GET', '/api/share/an-unknown-link'],
  ['POST', '/api/auth/sign-in/email'],
  ['GET', '/api/health/ready'],
  ['GET', '/audit/checkpoint'],
  ['GET', '/metrics'],
  ['GET', '/video/v1/assets'],
  ['GET', `/${'a'.repeat(40)}.m3u8`],
  ['GET', '/upload/nothing'],
]

/** Headers that every answer has (OWASP Secure Headers). */
const EVERYWHERE: Record<string, RegExp> = {
  'x-content-type-options': /^nosniff$/,
  'referrer-policy': /^no-referrer$/,
  'content-security-policy': /frame-ancestors 'none'/,
}

/** Each page as each kind of person, and every other kind of answer. */
export const run: Scan = async () => {
  const stack = await startStack({ env: { LOG_LEVEL: 'warn', RATE_LIMIT_ENFORCED: 'false' } })
  try {
    const admin = await signIn(stack.url, stack.admin)
    const agency = await signIn(stack.url, await invite(admin))
    const guest = await signIn(stack.url, await invite(admin, { role: 'guest' }))
    const people = { nobody: createClient(stack.url), guest, agency, admin }
    const findings: Finding[] = []
    let checked = 0
    let shown = 0
    for (const [who, client] of Object.entries(people)) {
      for (const [method, path] of [...pagesToAsk(), ...OTHERS]) {
        const { status, found } = await look(client, method, path)
        checked += 1
        if (status === 200) shown += 1
        findings.push(...found.map((each) => ({ ...each, where: `${method} ${path} as ${who} (${status})` })))
      }
    }
    if (shown < pagePaths().length) throw new Error(`only ${shown} answers were pages: nothing was looked at`)
    return { tools: ['csp_evaluator 1.1.8'], checked, findings, notes: { 'answered 200': shown } }
  } finally {
    await stack.stop()
  }
}

const pagesToAsk = (): [string, string][] =>
  pagePaths()
    .filter((path) => audienceOf(path) !== null)
    .map((path) => ['GET', path.replace('[id]', NOBODYS)])

async function look(client: PortalClient, method: string, path: string) {
  const answer = await client.send(method, path, method === 'POST' ? {} : undefined)
  await answer.body?.cancel()
  const found = cspFindings('', answer.headers.get('content-security-policy'))
  for (const [name, wanted] of Object.entries(EVERYWHERE)) {
    const value = answer.headers.get(name) ?? ''
    if (!wanted.test(value)) found.push({ where: '', rule: name, what: value || 'missing' })
  }
  if (answer.headers.get('x-powered-by'))
    found.push({ where: '', rule: 'x-powered-by', what: 'tells the program' })
  return { status: answer.status, found }
}
