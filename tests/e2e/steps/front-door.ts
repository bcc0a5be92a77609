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

/** Over a socket of our own: fetch changes paths and refuses TRACE. */
function ask(stage: Stage, method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(stage.stack.url, { method, path }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
    })
    call.once('error', reject).end()
  })
}
