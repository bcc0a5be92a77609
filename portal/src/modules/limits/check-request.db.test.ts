import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { type Caller, limiterOf } from './check-request.ts'
import { countRequests } from './count-requests.ts'
import {
  DEFAULT_RULES,
  ifStoreFails,
  LIMIT_CLASSES,
  type LimitClass,
  type LimitNumbers,
  type RuleName,
} from './rules.ts'
import { setLimits } from './set-limits.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const CLASSES = Object.keys(LIMIT_CLASSES) as LimitClass[]
const caller = (name: string): Caller => ({
  ip: name,
  network: name,
  user: name,
  'ip-share': name,
  mailbox: name,
})
/** How many of these tries go through. */
async function admitted(app: TestApp, name: LimitClass, who: Caller, tries: number): Promise<number> {
  let count = 0
  for (let n = 0; n < tries; n++)
    if ((await limiterOf(app.app).check(name, who))?.refused === null) count += 1
  return count
}
let version = 0
async function setRules(app: TestApp, rules: Record<string, LimitNumbers>) {
  const admin = await app.person('admin', { groups: ['security'] })
  const reason = 'Tried out in a test'
  const set = await app.app.call(setLimits, { version, rules, reason }, app.app.newContext(admin))
  version = set.version
  const [[name, numbers] = ['', null]] = Object.entries(rules)
  if (numbers) await inForce(app, name as RuleName, `"${name}";q=${numbers.quota};w=${numbers.windowSeconds}`)
}
let looks = 0
/** The next request sees it: told by the header that every caller gets. */
async function inForce(app: TestApp, name: RuleName, field: string) {
  const look = async () => {
    const who = caller(`looks ${++looks}`)
    return (await limiterOf(app.app).check(DEFAULT_RULES[name].class, who))?.headers?.policy
  }
  await expect.poll(look, { timeout: 15_000 }).toContain(field)
}

describe('the declared policy', () => {
  it('[RLA-01] [ASVS-2.3.2] is a hundred playback requests a minute and address, twenty uploads a day and person', async () => {
    expect(await admitted(t, 'upload', caller('usr_1'), 25)).toBe(20)
    const verdicts = []
    for (let n = 0; n < 100; n++) verdicts.push(await limiterOf(t.app).check('playback', { ip: 'one' }))
    expect(verdicts.every((verdict) => verdict?.refused === null)).toBe(true)
    expect(verdicts[0]?.headers).toEqual({
      policy: '"playback";q=100;w=60',
      standing: '"playback";r=99;t=1',
    })
  })

  it('[RLA-01] [ASVS-2.4.1] counts an address and its network: many neighbours share one allowance', async () => {
    const neighbour = (n: number): Caller => ({ ip: `neighbour ${n}`, network: 'street' })
    const slow = { windowSeconds: 86_400, mode: 'enforce' as const }
    await setRules(t, {
      'sign-in-network': { ...slow, quota: 25, burst: 25 },
      'sign-in': { ...slow, quota: 20, burst: 20 },
    })
    expect(await admitted(t, 'sign-in', neighbour(1), 30)).toBe(20)
    expect(await admitted(t, 'sign-in', neighbour(2), 30)).toBe(5)
    expect(await admitted(t, 'sign-in', { ...neighbour(3), network: 'elsewhere' }, 3)).toBe(3)
  })

  it('[RLA-01] weighs costs', async () => {
    const who = { user: 'reader' }
    const first = await limiterOf(t.app).check('audit-log', who, 60)
    expect(first?.headers?.standing).toMatch(/^"audit-log";r=5940;/)
  })

  it('[RLA-08] is in force on a running node as soon as it is changed', async () => {
    const who = caller('changed')
    expect(await admitted(t, 'join', who, 2)).toBe(2)
    await setRules(t, { join: { quota: 3, windowSeconds: 86_400, burst: 3, mode: 'enforce' } })
    expect(await admitted(t, 'join', who, 9)).toBe(3)
  })

  it('[RLA-02] [ASVS-16.3.3] keeps each throttling with policy, reason and a keyed hash, and no address', async () => {
    const who = caller('203.0.113.77')
    await admitted(t, 'upload', who, 24)
    await limiterOf(t.app).flush()
    const { rows } = await t.app.pool.query(
      `select rule, reason, enforced, count::int, identity from limit_throttlings where rule = 'upload' order by first_at, identity`,
    )
    expect(rows).toContainEqual({
      rule: 'upload',
      reason: 'quota',
      enforced: true,
      count: 4,
      identity: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    const all = await t.app.pool.query('select limit_throttlings::text row from limit_throttlings')
    expect(JSON.stringify(all.rows)).not.toContain('203.0.113.77')
  })

  it('[RLA-02] tells of a flood in few rows', async () => {
    const counts = countRequests(t.app)
    const how = { rule: 'remind', enforced: true, reason: 'quota', policyVersion: 1 } as const
    for (let times = 0; times < 2; times++)
      for (let n = 0; n < 1500; n++) counts.throttled({ ...how, identity: `bot ${n}` })
    await counts.flush()
    const { rows } = await t.app.pool.query(
      `select count(*)::int rows, sum(count)::int told from limit_throttlings where rule = 'remind'`,
    )
    // A thousand by name between two writings, which come every five seconds; the rest as one.
    expect(rows).toEqual([{ rows: 1001, told: 1500 * 2 }])
  })
})

describe('a rule that is only watched', () => {
  it('[RLA-05] lets through, and keeps what it would have done', async () => {
    await setRules(t, { remind: { quota: 4, windowSeconds: 86_400, burst: 4, mode: 'monitor' } })
    expect(await admitted(t, 'remind', { user: 'watched' }, 10)).toBe(10)
    await limiterOf(t.app).flush()
    const { rows } = await t.app.pool.query(
      `select sum(refused)::int refused, sum(would_refuse)::int would from limit_counts where rule = 'remind'`,
    )
    expect(rows).toEqual([{ refused: 0, would: 6 }])
  })

  it('[RLA-05] is every rule where RATE_LIMIT_ENFORCED is false', async () => {
    const watching = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
    expect(await admitted(watching, 'upload', caller('anybody'), 30)).toBe(30)
    await limiterOf(watching.app).flush()
    const { rows } = await watching.app.pool.query('select enforced, count::int from limit_throttlings')
    expect(rows).toEqual([{ enforced: false, count: 10 }])
    await watching.stop()
  })
})

it('tells operations where nothing can be counted, and when it can again', async () => {
  const open = async () => {
    const { rows } = await t.app.pool.query(
      `select summary from alerts where key = 'limits.store-failed' and resolved_at is null`,
    )
    return rows.length
  }
  const { take } = t.app.ports.limits
  t.app.ports.limits.take = async () => {
    throw new Error('gone')
  }
  for (let n = 0; n < 5; n += 1) await limiterOf(t.app).check('api', caller('anybody'))
  t.app.ports.limits.take = take
  await expect.poll(open, { timeout: 15_000 }).toBe(1)
  await limiterOf(t.app).check('api', caller('anybody'))
  await expect.poll(open, { timeout: 15_000 }).toBe(0)
})

it('takes no burst beyond what callers are told', async () => {
  const join = { quota: 3, windowSeconds: 60, burst: 4, mode: 'enforce' as const }
  await expect(setRules(t, { join })).rejects.toMatchObject({ code: 'invalid' })
})

it.each(CLASSES)('[RLA-01] [ASVS-16.5.3] where the count fails, %s does as declared', async (name) => {
  const { take } = t.app.ports.limits
  t.app.ports.limits.take = async () => {
    throw new Error('gone')
  }
  const verdict = await limiterOf(t.app).check(name, caller('anybody'))
  t.app.ports.limits.take = take
  expect(verdict === null).toBe(ifStoreFails(name) === 'closed')
  expect(ifStoreFails(name)).toBe(LIMIT_CLASSES[name].guards === 'reading' ? 'open' : 'closed')
})
