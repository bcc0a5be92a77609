import { request } from 'node:http'
import { expect } from '@playwright/test'
import { audienceOf, pagePaths, VISITORS, walkPages } from '../../matrix/pages.ts'
import { createClient } from '../../support/portal-client.ts'
import { invite, signIn } from '../../support/portal-people.ts'
import { newAgency, type Stage, Then, When } from './fixtures.ts'

type Answer = { status: number; headers: Record<string, unknown>; text: string }

When(
  'every page is opened by a visitor, a guest, two agencies and an administrator',
  async ({ stage, world }) => {
    const share = await stage.agency.call<{ id: string }>('POST', `/api/videos/${stage.videoId}/shares`, {
      access: 'link',
    })
    const clients = {
      visitor: createClient(stage.stack.url),
      guest: await signIn(stage.stack.url, await invite(stage.admin, { role: 'guest' })),
      agency: stage.agency,
      'other agency': (await newAgency(stage)).client,
      admin: stage.admin,
    }
    const ids = { '/videos/[id]': stage.videoId, '/shares/[id]': share.id }
    world.seen.set('pages', JSON.stringify(await walkPages(clients, ids)))
  },
)

Then('each page is shown to those it is declared for, and to nobody else', async ({ world }) => {
  const cells = JSON.parse(world.seen.get('pages') ?? '[]') as Awaited<ReturnType<typeof walkPages>>
  expect(pagePaths().filter((path) => audienceOf(path) === null)).toEqual([])
  expect(cells.length).toBe(pagePaths().length * VISITORS.length)
  expect(cells.filter(({ expected, actual }) => expected !== actual)).toEqual([])
})

const NOT_THERE = [
  ...['/.git/config', '/.git/', '/.env', '/package.json', '/package-lock.json', '/tsconfig.json'],
  ...['/src/server.ts', '/portal/src/server.ts', '/secrets.json', '/media/', '/_next/', '/_next/static/'],
  ...['/_next/static/chunks/', '/_viewer/', '/_viewer/assets/', '/..%2f..%2fetc%2fpasswd', '/server-status'],
]

When('somebody asks for sources, settings, folders and traces', async ({ stage, world }) => {
  const answers: Record<string, Answer> = {}
  for (const path of NOT_THERE) {
    const answer = await ask(stage, 'GET', path)
    // Next takes the slash at the end away first.
    const led = answer.status === 308 ? String(answer.headers.location) : null
    answers[path] = led ? await ask(stage, 'GET', led) : answer
  }
  for (const method of ['TRACE', 'PUT', 'DELETE', 'OPTIONS']) answers[method] = await ask(stage, method, '/')
  for (const path of ['/', '/api/shares', '/api/openapi.json', '/s/none', '/metrics', '/robots.txt'])
    answers[path] = await ask(stage, 'GET', path)
  world.seen.set('answers', JSON.stringify(answers))
})

Then('none of it is there, and no answer tells what runs here', async ({ world }) => {
  const answers = JSON.parse(world.seen.get('answers') ?? '{}') as Record<string, Answer>
  const { TRACE, PUT, DELETE, OPTIONS, '/': front } = answers
  expect([TRACE, PUT, DELETE, OPTIONS, front].map((one) => one?.status)).toEqual([405, 405, 405, 405, 200])
  const told = NOT_THERE.filter((path) => {
    const { status = 0 } = answers[path] ?? {}
    return status < 400 || status >= 500
  })
  expect(told).toEqual([])
  for (const { headers, text } of Object.values(answers)) {
    expect([headers.server, headers['x-powered-by']]).toEqual([undefined, undefined])
    expect(text).not.toMatch(/Index of|node_modules|\bat .+\.(ts|js):\d+/)
  }
})

Then('each answer forbids guessing at types, referrers and frames', async ({ world }) => {
  const answers = JSON.parse(world.seen.get('answers') ?? '{}') as Record<string, Answer>
  const lacking = Object.entries(answers).filter(
    ([, { headers }]) =>
      headers['x-content-type-options'] !== 'nosniff' ||
      headers['referrer-policy'] !== 'no-referrer' ||
      !/frame-ancestors 'none'/.test(String(headers['content-security-policy'])),
  )
  expect(lacking.map(([path]) => path)).toEqual([])
})

const HALF_TREE = encodeURIComponent('["",{"children":["x"')
/** Each alone; the first of Next's navigation, then of its hosts, its middleware and its development server. */
const STRANGE: Record<string, string>[] = [
  ...[HALF_TREE, '%zz', 'null', '[]', `${HALF_TREE}, ${HALF_TREE}`, 'a'.repeat(9000)].map((tree) => ({
    rsc: '1',
    'next-router-state-tree': tree,
  })),
  { rsc: '1', 'next-router-prefetch': 'x' },
  { rsc: '1', 'next-router-segment-prefetch': '/../%zz' },
  { rsc: '1', 'next-url': '//elsewhere.example/%zz' },
  { 'next-url': 'http://[x' },
  { 'next-router-state-tree': HALF_TREE },
  { 'next-action': '0'.repeat(42) },
  { 'x-middleware-prefetch': '1' },
  { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
  { 'x-middleware-rewrite': '/account', 'x-middleware-override-headers': 'cookie' },
  { 'x-nextjs-data': '1', 'x-nextjs-rewrite': '/account', 'x-nextjs-redirect': 'http://elsewhere.example' },
  { 'x-matched-path': '/account', 'x-now-route-matches': '%zz' },
  { 'x-invoke-path': '/account', 'x-invoke-status': '500', 'x-invoke-output': '/_error' },
]
const ASKED = ['/', '/privacy', '/account', '/nowhere', '/videos/%zz', '/_next/nowhere']

When(
  "pages, there and not there, are asked for with headers that only Next's own scripts or hosts send",
  async ({ stage, world }) => {
    const differing: string[] = []
    for (const path of ASKED)
      for (const headers of STRANGE) {
        const plain: Record<string, string> = headers.rsc ? { rsc: '1' } : {}
        const [usual, strange] = [await follow(stage, path, plain), await follow(stage, path, headers)]
        const same = usual.status === strange.status && strange.status < 500
        const kind = (answer: Answer) => answer.headers['content-type']
        if (!same || kind(usual) !== kind(strange) || !/no-store/.test(`${strange.headers['cache-control']}`))
          differing.push(
            `${path} ${JSON.stringify(headers).slice(0, 90)}: ${usual.status}, ${strange.status}`,
          )
      }
    world.seen.set('differing', JSON.stringify(differing))
  },
)

Then(
  'each is answered as it is without them, as a whole page or as the part that was asked for',
  async ({ world }) => expect(JSON.parse(world.seen.get('differing') ?? 'null')).toEqual([]),
)

/** Next first leads to the same path with a mark of what was asked for. */
async function follow(stage: Stage, path: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await ask(stage, 'GET', path, headers)
  const to = String(answer.headers.location ?? '')
  return /[?&]_rsc(=|&|$)/.test(to) ? await ask(stage, 'GET', to, headers) : answer
}

/** Over a socket of our own: fetch changes paths and refuses TRACE. */
function ask(
  stage: Stage,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(stage.stack.url, { method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
    })
    call.once('error', reject).end()
  })
}
