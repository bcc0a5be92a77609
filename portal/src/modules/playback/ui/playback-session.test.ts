import { expect, test } from 'vitest'
import { ApiError } from '#portal/ui/api-client.ts'
import {
  type EndReason,
  type Grant,
  type Issued,
  PlaybackSession,
  REST_AFTER_MS,
} from './playback-session.ts'

const LIFE = 300_000

function createWorld(options: { skewMs?: number } = {}) {
  const skewMs = options.skewMs ?? 0
  let now = 5_000_000
  let slept = 0
  let timers: { at: number; run: () => void; id: number }[] = []
  const wakers = new Set<() => void>()
  const log = { issued: 0, extended: [] as string[], ended: [] as EndReason[], renewed: 0 }
  const script: { issue?: () => Issued | Promise<Issued>; extend?: () => number }[] = []
  const grantNow = (): Issued => {
    const server = now + skewMs
    const grant: Grant = {
      playbackUrl: `/p.m3u8?token=${log.issued}`,
      expiresAt: new Date(server + LIFE).toISOString(),
      refreshAfter: new Date(server + LIFE * 0.6).toISOString(),
      posterUrl: '',
      storyboardUrl: '',
      title: 'Session 14',
      duration: 596,
    }
    return { grant, skewMs }
  }
  const session = new PlaybackSession(
    {
      async issue() {
        log.issued += 1
        const step = script.shift()
        if (step?.extend) nextExtend = step.extend
        return step?.issue ? await step.issue() : grantNow()
      },
      async extend(url) {
        log.extended.push(url)
        const status = nextExtend()
        nextExtend = () => 200
        return status
      },
      onEnd: (reason) => log.ended.push(reason),
      onRenewed: () => {
        log.renewed += 1
      },
    },
    {
      wall: () => now,
      ticks: () => now - slept,
      random: () => 0.5,
      setTimer(run, ms) {
        const timer = { at: now + ms, run, id: timers.length }
        timers.push(timer)
        return timer
      },
      clearTimer(timer) {
        timers = timers.filter((other) => other !== timer)
      },
      onWake(listener) {
        wakers.add(listener)
        return () => wakers.delete(listener)
      },
    },
  )
  let nextExtend = () => 200
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  return {
    session,
    log,
    script,
    grantNow,
    settle,
    now: () => now,
    nextTimerIn: () => Math.min(...timers.map((timer) => timer.at)) - now,
    async pass(ms: number) {
      const until = now + ms
      for (;;) {
        const due = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
        if (!due) break
        timers = timers.filter((timer) => timer !== due)
        now = Math.max(now, due.at)
        due.run()
        await settle()
      }
      now = until
    },
    /** time goes by without any timer running, nor the monotonic clock, as in a sleeping laptop */
    sleep(ms: number) {
      now += ms
      slept += ms
    },
    async wake() {
      for (const waker of wakers) waker()
      await settle()
    },
  }
}

test('[SPS-06] renews ahead of expiry, with the new URL fetched once', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  expect(world.nextTimerIn()).toBeLessThanOrEqual(LIFE * 0.6)
  expect(world.nextTimerIn()).toBeGreaterThan(LIFE * 0.5)
  await world.pass(3600_000)
  expect(world.log.renewed).toBeGreaterThan(19)
  expect(world.log.extended).toHaveLength(world.log.issued)
  expect(world.log.ended).toEqual([])
})

test("a clock that is wrong by hours changes nothing, since the server's own is used", async () => {
  for (const skewMs of [-7_200_000, 7_200_000]) {
    const world = createWorld({ skewMs })
    world.session.start(world.grantNow())
    expect(world.nextTimerIn()).toBeGreaterThan(LIFE * 0.5)
    expect(world.nextTimerIn()).toBeLessThanOrEqual(LIFE * 0.6)
  }
})

test('[SPS-02] a refused renewal ends the view at once and asks no more', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.script.push({
    issue: () => {
      throw new ApiError({ status: 403, code: 'forbidden', message: '' })
    },
  })
  await world.pass(LIFE)
  expect(world.log.ended).toEqual(['refused'])
  await world.pass(LIFE * 3)
  expect(world.log.issued).toBe(1)
})

test('a dead line is tried again until it answers, ever less often', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  for (let fail = 0; fail < 8; fail += 1) {
    world.script.push({
      issue: () => {
        throw new ApiError({ status: fail % 2 ? 503 : 0, code: '', message: '' })
      },
    })
  }
  await world.pass(LIFE)
  expect(world.log.ended).toEqual([])
  expect(world.log.renewed).toBe(1)
  expect(world.log.issued).toBe(9)
})

test('after a sleep it renews at the first sign of life', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.sleep(LIFE * 4)
  await world.wake()
  expect(world.log.renewed).toBe(1)
  await world.wake()
  expect(world.log.renewed).toBe(1)
})

test('a refused segment renews; refused again and again by fresh tokens, the view is over', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.sleep(60_000)
  await world.session.refused()
  expect(world.log.renewed).toBe(1)
  for (let time = 0; time < 10 && world.log.ended.length === 0; time += 1) {
    world.sleep(2000)
    await world.session.refused()
  }
  expect(world.log.ended).toEqual(['refused'])
  expect(world.log.renewed).toBeLessThan(6)
})

test('refusals that lie apart are renewals, each a new beginning', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  for (let time = 0; time < 20; time += 1) {
    world.sleep(60_000)
    await world.session.refused()
  }
  expect(world.log.ended).toEqual([])
  expect(world.log.renewed).toBe(20)
})

test('several refused segments at once are one renewal', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.sleep(60_000)
  await Promise.all([world.session.refused(), world.session.refused(), world.session.refused()])
  expect(world.log.issued).toBe(1)
  expect(world.log.ended).toEqual([])
})

test('[SPS-09] a token signed by a dead key is refused by the media server, and the next one heals it', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.script.push({ extend: () => 403 }, { extend: () => 403 })
  await world.pass(LIFE)
  expect(world.log.ended).toEqual([])
  expect(world.log.renewed).toBe(1)
})

test('a media server that refuses every fresh token ends the view; a hiccup of it does not', async () => {
  const refused = createWorld()
  refused.session.start(refused.grantNow())
  for (let time = 0; time < 9; time += 1) refused.script.push({ extend: () => 403 })
  await refused.pass(LIFE)
  expect(refused.log.ended).toEqual(['refused'])

  const hiccup = createWorld()
  hiccup.session.start(hiccup.grantNow())
  hiccup.script.push({ extend: () => 0 })
  await hiccup.pass(LIFE)
  expect(hiccup.log.ended).toEqual([])
  expect(hiccup.log.renewed).toBe(1)
})

test('left alone, paused and out of sight, it lets its token end, and renews when it is back', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.session.rest(true)
  await world.pass(REST_AFTER_MS)
  const before = world.log.renewed
  expect(before).toBeGreaterThan(2)
  await world.pass(8 * 3600_000)
  expect(world.log.renewed).toBeLessThanOrEqual(before + 1)
  expect(world.session.lapsed).toBe(true)
  await world.wake()
  expect(world.session.lapsed).toBe(true)
  world.session.rest(false)
  await world.settle()
  expect(world.session.lapsed).toBe(false)
})

test('a line that is back is tried at once, not when the next try is due', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  for (let fail = 0; fail < 6; fail += 1) {
    world.script.push({
      issue: () => {
        throw new ApiError({ status: 0, code: '', message: '' })
      },
    })
  }
  await world.pass(LIFE * 0.6 + 15_000)
  const tries = world.log.issued
  world.script.length = 0
  world.sleep(1500)
  await world.wake()
  expect(world.log.issued).toBe(tries + 1)
  expect(world.log.renewed).toBe(1)
})

test('late timers of a hidden page are made good by the picture that moves on', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.sleep(LIFE * 0.7)
  world.session.poke()
  await world.settle()
  expect(world.log.renewed).toBe(1)
})

test('a stopped session neither renews nor ends', async () => {
  const world = createWorld()
  world.session.start(world.grantNow())
  world.session.stop()
  await world.pass(LIFE * 2)
  world.session.end('revoked')
  expect(world.log).toMatchObject({ issued: 0, ended: [] })
})
