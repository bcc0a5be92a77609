import assert from 'node:assert/strict'
import { request } from 'node:http'
import { lastServed } from '../support/last-served.ts'
import { type Check, check } from './check.ts'
import { call } from './rest-client.ts'
import type { Target } from './target.ts'
import { claimsFor, newSession, sharedKey, sign } from './token-client.ts'
import { sharedVideo } from './video-client.ts'

const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const PAGE = { referer: 'https://www.example.com/watch', 'user-agent': BROWSER }

const rules = (allowed_domains: string[], more = {}) => ({
  referrer: { allowed_domains, allow_no_referrer: false },
  user_agent: { allow_no_user_agent: true, allow_high_risk_user_agent: true },
  ...more,
})

/** The status of one GET with these headers and no others; fetch would add a user agent. */
function statusOf(target: Target, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(new URL(path, target.url), { headers, agent: false }, (res) => {
      res.resume().once('end', () => resolve(res.statusCode ?? 0))
    })
    req.once('error', reject).end()
  })
}

async function restricted(target: Target, restriction: string, claims = {}, kind = '.m3u8') {
  const { playbackId } = await sharedVideo(target)
  const named = claimsFor(playbackId, { playback_restriction_id: restriction, ...claims })
  return `/${playbackId}${kind}?token=${await sign(await sharedKey(target), named)}`
}

const make = (target: Target, body: object) => target.mux.video.playbackRestrictions.create(body as never)

/** Opens a playlist under a restriction; gives the address of its first rendition. */
async function open(target: Target, restriction: string): Promise<string> {
  const path = await restricted(target, restriction, { session: newSession() })
  const answer = await target.fetch(target.url + path, { headers: PAGE })
  assert.equal(answer.status, 200)
  const line = (await answer.text()).split('\n').find((each) => each !== '' && !each.startsWith('#'))
  return new URL(line!, `${target.url}/`).pathname
}

export const restrictionChecks: Check[] = [
  check('playback restrictions are made, shown, listed and taken away', async (target) => {
    const { playbackRestrictions } = target.mux.video
    const made = await make(target, rules(['example.com', '*.example.com']))
    assert.deepEqual(made.referrer, {
      allowed_domains: ['example.com', '*.example.com'],
      allow_no_referrer: false,
    })
    assert.match(made.created_at, /^\d{10}$/)
    assert.deepEqual(await playbackRestrictions.retrieve(made.id), made)
    const listed: string[] = []
    for await (const each of playbackRestrictions.list({ limit: 2 })) listed.push(each.id)
    assert.ok(listed.includes(made.id) && new Set(listed).size === listed.length)
    await playbackRestrictions.delete(made.id)
    for (const method of ['GET', 'DELETE'])
      assert.equal((await call(target, method, `/video/v1/playback-restrictions/${made.id}`)).status, 404)
  }),
  check('their halves are replaced one at a time', async (target) => {
    const { playbackRestrictions } = target.mux.video
    const made = await make(target, rules(['example.com']))
    const first = await playbackRestrictions.updateReferrer(made.id, {
      allowed_domains: ['*'],
      allow_no_referrer: true,
    })
    assert.deepEqual(first.referrer, { allowed_domains: ['*'], allow_no_referrer: true })
    assert.deepEqual(first.user_agent, made.user_agent)
    const agents = { allow_no_user_agent: false, allow_high_risk_user_agent: false }
    const second = await playbackRestrictions.updateUserAgent(made.id, agents)
    assert.deepEqual(second.user_agent, agents)
    assert.deepEqual(second.referrer, first.referrer)
    await playbackRestrictions.delete(made.id)
  }),
  check('restrictions that make no sense are 400, unknown ones 404', async (target) => {
    const path = '/video/v1/playback-restrictions'
    for (const body of [
      {},
      { referrer: {} },
      rules(['https://example.com']),
      rules(['*', 'example.com']),
      rules(['*.*.com']),
      rules(Array(11).fill('example.com')),
    ])
      assert.equal((await call(target, 'POST', path, JSON.stringify(body))).status, 400, JSON.stringify(body))
    const agents = '{"allow_no_user_agent":true,"allow_high_risk_user_agent":true}'
    assert.equal((await call(target, 'PUT', `${path}/unknown/user_agent`, agents)).status, 404)
    assert.equal(
      (await call(target, 'PUT', `${path}/unknown/referrer`, '{"allowed_domains":[]}')).status,
      404,
    )
  }),
  check('a referrer is held against the domains, wildcards cover one level', async (target) => {
    const { id } = await make(target, rules(['example.com', '*.example.com']))
    const path = await restricted(target, id)
    for (const [referer, status] of [
      ['https://example.com/', 200],
      ['https://www.example.com/watch?v=1', 200],
      ['https://a.b.example.com/', 403],
      ['https://example.com.evil.net/', 403],
      ['https://evil.net/', 403],
    ] as const)
      assert.equal(await statusOf(target, path, { referer, 'user-agent': BROWSER }), status, referer)
    assert.equal(await statusOf(target, path, { 'user-agent': BROWSER }), 403)
    await target.mux.video.playbackRestrictions.delete(id)
  }),
  check('["*"] lets every page play, [] none, allow_no_referrer what comes from no page', async (target) => {
    const agent = { 'user-agent': BROWSER }
    const any = await make(target, rules(['*']))
    assert.equal(await statusOf(target, await restricted(target, any.id), PAGE), 200)
    assert.equal(await statusOf(target, await restricted(target, any.id), agent), 403)
    const none = await make(target, rules([]))
    assert.equal(await statusOf(target, await restricted(target, none.id), PAGE), 403)
    const apps = await make(target, {
      referrer: { allowed_domains: [], allow_no_referrer: true },
      user_agent: {},
    })
    assert.equal(await statusOf(target, await restricted(target, apps.id), agent), 200)
    assert.equal(await statusOf(target, await restricted(target, apps.id), PAGE), 403)
  }),
  check('user agents that are high risk, or missing, are kept out where that is wanted', async (target) => {
    const agents = { allow_no_user_agent: false, allow_high_risk_user_agent: false }
    const { id } = await make(target, rules(['*'], { user_agent: agents }))
    const path = await restricted(target, id)
    const { referer } = PAGE
    assert.equal(await statusOf(target, path, PAGE), 200)
    assert.equal(await statusOf(target, path, { referer }), 403)
    assert.equal(await statusOf(target, path, { referer, 'user-agent': 'curl/8.5.0' }), 403)
    await target.mux.video.playbackRestrictions.updateUserAgent(id, {
      allow_no_user_agent: true,
      allow_high_risk_user_agent: true,
    })
    assert.equal(await statusOf(target, path, { referer }), 200)
    assert.equal(await statusOf(target, path, { referer, 'user-agent': 'curl/8.5.0' }), 200)
  }),
  check('pictures are held to the restriction too', async (target) => {
    const { id } = await make(target, rules(['*.example.com']))
    for (const [kind, aud] of [
      ['/thumbnail.jpg', 't'],
      ['/storyboard.vtt', 's'],
    ] as const) {
      const path = await restricted(target, id, { aud }, kind)
      assert.equal(await statusOf(target, path, PAGE), 200, kind)
      assert.equal(await statusOf(target, path, { ...PAGE, referer: 'https://evil.net/' }), 403, kind)
    }
  }),
  check('a restriction that does not exist, or no more, opens nothing', async (target) => {
    assert.equal(await statusOf(target, await restricted(target, 'unknown'), PAGE), 403)
    const { id } = await make(target, rules(['*']))
    const path = await restricted(target, id)
    assert.equal(await statusOf(target, path, PAGE), 200)
    await target.mux.video.playbackRestrictions.delete(id)
    assert.equal(await statusOf(target, path, PAGE), 403)
  }),
  check(
    'deleting a restriction ends what it opened at the next request, and nothing else',
    async (target) => {
      const one = await make(target, rules(['*']))
      const other = await make(target, rules(['*']))
      const [mine, others] = [await open(target, one.id), await open(target, other.id)]
      assert.equal(await statusOf(target, mine, {}), 200)
      await target.mux.video.playbackRestrictions.delete(one.id)
      assert.equal(await statusOf(target, mine, {}), 403)
      assert.equal(await statusOf(target, others, {}), 200)
    },
  ),
  check('a restriction that is tightened holds for the next start at once', async (target) => {
    const { id } = await make(target, rules(['*']))
    const path = await restricted(target, id)
    assert.equal(await statusOf(target, path, PAGE), 200)
    await target.mux.video.playbackRestrictions.updateReferrer(id, { allowed_domains: ['other.example'] })
    const tightened = performance.now()
    assert.ok((await lastServed(() => statusOf(target, path, PAGE))) - tightened < 1000)
  }),
]
