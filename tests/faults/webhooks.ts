import { setTimeout as delay } from 'node:timers/promises'
import { createRandom, type Random } from '../support/random.ts'
import { cloneDatabase, startTestPostgres, type TestDatabase } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'
import type { Counts } from './count.ts'
import { deliverDue } from './deliver-webhooks.ts'
import { createStorm, fateOf, idOf, type Storm } from './provider-storm.ts'
import { countWebhookFaults, deadLettersOf, unfinished } from './webhook-count.ts'
import { newLedgerUpload, startWebhookWorld, type WebhookWorld } from './webhook-world.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/** Deliveries that are due within this go together in the end. */
const SPAN = 5 * MINUTE
/** The part of the rounds in which the database fails, and how much of it. */
const ROUGH = { from: 0.35, to: 0.6, rate: 0.3 }
const ROUGH_MS = 60_000
/** Nothing has changed for so long although something is at work. */
const STUCK_MS = 300_000
const LONGEST_MS = 4 * HOUR
const TELL_MS = 10_000
const STILL_MS = 1500
/** Longer than the pause before the last of an event's tries. */
const STILL_MINUTES = 15

export type WebhookFaults = Counts & {
  runs: number
  seed: number
  moments: string[]
  /** What was done to it. */
  storm: Record<string, number>
  deadLetters: { planned: number; found: number; unplanned: number; leftAfterReplay: number }
  seconds: number
  ok: boolean
}

export type WebhookFaultOptions = {
  uploads: number
  seed: number
  say: (line: string) => void
  /** One that exists already; it is left to its owner. */
  database?: TestDatabase
}

/**
 * Webhooks of so many uploads from a provider that drops, repeats, delays and shuffles them, to two portals that are
 * killed at random, over a database that fails a third of its transactions for a while; then what a night brings. In
 * the end everything is as the provider has it, each change was made once, and only what was planned is a dead letter.
 */
export async function runWebhookFaults(options: WebhookFaultOptions): Promise<WebhookFaults> {
  if (options.database) return await runOn(options.database, options)
  const postgres = await startTestPostgres()
  const database = await cloneDatabase(postgres.config, 'portal')
  try {
    return await runOn(database, options)
  } finally {
    await database.close()
    await postgres.stop()
  }
}

async function runOn(database: TestDatabase, options: WebhookFaultOptions): Promise<WebhookFaults> {
  const { uploads, seed } = options
  const began = performance.now()
  const secondsSoFar = () => Math.round((performance.now() - began) / 1000)
  const say = (line: string) => options.say(`${`${secondsSoFar()}`.padStart(5)} s  ${line}`)
  const random = createRandom(seed)
  const world = await startWebhookWorld(database, random)
  const storm = createStorm(world.mux, random, world.now)
  try {
    plantOrphans(world, seed, random)
    const moments = await rage({ world, storm, random, uploads, seed, say })
    world.lines.fail(0)
    const failed = world.lines.counts()
    say(
      `storm over: ${storm.events.length} events, ${moments.length} kills, ${failed.failed} failed transactions`,
    )
    await settle(world, storm, say)
    const dead = await deadLettersOf(world, storm)
    say(`dead letters: ${dead.found} of ${dead.planned} that were planned, and ${dead.unplanned} others`)
    world.mux.poisoned.clear()
    const leftAfterReplay = await replayAll(world, say)
    // What of the poisoned could not be put right before is now.
    await world.advance(25 * HOUR)
    await compare(world)
    const stuck = await untilQuiet(world, storm, say)
    const counts = await countWebhookFaults(world, storm, stuck)
    const deadLetters = { ...dead, leftAfterReplay }
    const crashes = world.nodes.reduce((sum, node) => sum + node.crashes(), 0)
    const clean = counts.lost + counts.doubled + counts.stuck + counts.orphans + crashes === 0
    const asPlanned = dead.found === dead.planned && dead.unplanned + leftAfterReplay === 0
    return {
      ...counts,
      ...{ runs: uploads, seed, moments, deadLetters },
      storm: {
        ...storm.counts,
        events: storm.events.length,
        kills: moments.length,
        'processes that ended by themselves': crashes,
        'failed transactions': failed.failed,
      },
      seconds: secondsSoFar(),
      ok: clean && asPlanned && storm.counts['replays taken'] === 0,
    }
  } catch (error) {
    for (const node of world.nodes) say(node.logs().slice(-2000))
    throw error
  } finally {
    await world.stop()
  }
}

/** Assets of ours that no row names, which must go, and assets of others, which must stay. */
function plantOrphans({ mux, mark }: WebhookWorld, seed: number, random: Random): void {
  for (let n = 0; n < 5; n += 1) {
    const ours = mux.place(idOf('upl', seed, -1 - n), mark)
    mux.arrive(ours.id)
    const theirs = mux.place(`theirs-${random.below(1e9)}`, 'somebody-else')
    mux.arrive(theirs.id)
  }
}

type Scene = {
  world: WebhookWorld
  storm: Storm
  random: Random
  uploads: number
  seed: number
  say: (line: string) => void
}

/** All uploads, round by round; gives the moments of the kills in words. */
async function rage({ world, storm, random, uploads, seed, say }: Scene): Promise<string[]> {
  const rounds = Math.min(24, Math.max(4, Math.ceil(uploads / 400)))
  const kills = new Set(pickRounds(rounds, Math.min(rounds, Math.max(2, Math.ceil(uploads / 600))), random))
  const moments: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const from = Math.floor((uploads * round) / rounds)
    const to = Math.floor((uploads * (round + 1)) / rounds)
    const batch = Array.from({ length: to - from }, (_, n) =>
      newLedgerUpload(world, seed, from + n, fateOf(from + n, random)),
    )
    storm.uploads.push(...batch)
    await world.place(batch)
    const part = round / rounds
    const rough = part >= ROUGH.from && part < ROUGH.to
    world.lines.fail(rough ? ROUGH.rate : 0)
    storm.happen(batch)
    const killed = kills.has(round) ? killSome(world, random, round, rough) : null
    await deliverDue(world, storm, random)
    if (killed) moments.push(await killed)
    if (rough) await workThrough(world)
    await world.advance(20 * MINUTE + random.below(90) * MINUTE)
    await minutePasses(world)
    say(
      `round ${round + 1}/${rounds}: ${to} uploads, ${storm.queue.length} deliveries to come${rough ? ', rough' : ''}; not taken ${JSON.stringify(Object.fromEntries(storm.refusals))}`,
    )
  }
  return moments
}

/** What has come is tried while the database fails, not once it is well again. */
async function workThrough({ pool, now }: WebhookWorld): Promise<void> {
  const due = `select count(*) from webhook_events where state = 'pending' and attempts = 0 and next_try_at <= $1`
  const none = async () => Number((await pool.query(due, [new Date(now())])).rows[0]?.count) === 0
  await until('what has come was tried', none, ROUGH_MS, 200).catch(() => undefined)
}

function pickRounds(rounds: number, wanted: number, random: Random): number[] {
  const all = Array.from({ length: rounds }, (_, n) => n)
  return Array.from({ length: wanted }, () => all.splice(random.below(all.length), 1)[0] ?? 0)
}

/** While deliveries are under way. It starts again on a line that does not fail: nothing else could be started there. */
async function killSome(world: WebhookWorld, random: Random, round: number, rough: boolean): Promise<string> {
  const ms = random.below(1500)
  await delay(ms)
  const node = random.pick(world.nodes)
  const killed = node.kill()
  world.lines.fail(0)
  await killed
  world.lines.fail(rough ? ROUGH.rate : 0)
  return `round ${round + 1}, after ${ms} ms`
}

/** Everything that is still under way at the provider comes; then the day passes, and the daily comparison runs. */
async function settle(world: WebhookWorld, storm: Storm, say: (line: string) => void): Promise<void> {
  const random = createRandom(1)
  while (storm.queue.length > 0) {
    await deliverDue(world, storm, random)
    const next = Math.min(...storm.queue.map(({ dueAt }) => dueAt))
    if (storm.queue.length > 0) await world.advance(Math.max(SPAN, next - world.now() + 1000))
  }
  say('every delivery was made')
  await untilQuiet(world, storm, say)
  for (let day = 1; day <= 2; day += 1) {
    await world.advance(25 * HOUR)
    await compare(world)
    const left = await untilQuiet(world, storm, say)
    say(`day ${day}: compared; ${left.length ? left.join(', ') : 'nothing is under way'}`)
  }
}

/** Whether a job runs, or an event is due: on a busy machine that shows nothing for seconds. */
async function isAtWork({ pool, now }: WebhookWorld): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 from graphile_worker._private_jobs where locked_at is not null
     union all select 1 from webhook_events where state = 'pending' and next_try_at <= $1 limit 1`,
    [new Date(now())],
  )
  return rowCount !== 0
}

/** The schedules sleep by the machine's clock, which does not know that a minute has passed. */
async function minutePasses(world: WebhookWorld): Promise<void> {
  for (const job of ['webhooks.sweep', 'uploads.reconcile']) await world.runScheduled(job)
}

async function compare(world: WebhookWorld): Promise<void> {
  const newest = async () => {
    const { rows } = await world.pool.query<{ id: string; status: string }>(
      'select id, status from reconciliations order by started_at desc limit 1',
    )
    return rows[0]
  }
  const before = await newest()
  await world.runScheduled('reliability.reconcile')
  const over = async () => {
    await world.dueSchedules()
    const run = await newest()
    return run && run.id !== before?.id && run.status !== 'running'
  }
  await until('the comparison ends', over, 600_000, 200)
}

/** Waits until nothing moves any more that could; gives what is left, in words. */
async function untilQuiet(world: WebhookWorld, storm: Storm, say: (line: string) => void): Promise<string[]> {
  let left: string[] = []
  let told = performance.now()
  let moved = performance.now()
  let stillMinutes = 0
  const quiet = async () => {
    const before = left.join()
    left = await unfinished(world, storm)
    if (left.join() !== before) {
      moved = performance.now()
      stillMinutes = 0
    }
    await world.dueSchedules()
    if (left.length > 0 && performance.now() - told > TELL_MS) {
      told = performance.now()
      say(`waiting: ${left.join(', ')}`)
    }
    const stillFor = performance.now() - moved
    // Time goes on only where nothing else does: whoever works on something holds it by the clock.
    if (left.length > 0 && stillFor > STILL_MS && !(await isAtWork(world))) {
      await world.advance(MINUTE)
      await minutePasses(world)
      moved = performance.now()
      stillMinutes += 1
    }
    return left.length === 0 || stillMinutes > STILL_MINUTES || stillFor > STUCK_MS
  }
  await until('everything has come to its end', quiet, LONGEST_MS, 250)
  return left
}

/** The scheduled replays, some hours later. */
async function replayAll(world: WebhookWorld, say: (line: string) => void): Promise<number> {
  const count = async () => {
    const { rows } = await world.pool.query(`select count(*) from webhook_events where state = 'dead'`)
    return Number(rows[0]?.count)
  }
  let left = await count()
  for (let tries = 0; left > 0 && tries < 6; tries += 1) {
    await world.advance(9 * HOUR)
    await world.runScheduled('webhooks.replay-due')
    await until('the dead letters are replayed', async () => (await count()) === 0, 15_000, 200).catch(
      () => undefined,
    )
    left = await count()
  }
  say(`${left} dead letters are left after their replay`)
  return left
}
