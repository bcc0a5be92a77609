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
/** The part of the rounds in which the database fails, and how much of it. */
const ROUGH = { from: 0.35, to: 0.6, rate: 0.3 }
const QUIET_MS = 300_000
const TELL_MS = 10_000
const STILL_MS = 3000

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
  const { uploads, seed, say } = options
  const began = performance.now()
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
    say(`dead letters: ${dead.found}, of which ${dead.unplanned} were not planned`)
    world.mux.poisoned.clear()
    const leftAfterReplay = await replayAll(world, say)
    // What of the poisoned could not be put right before is now.
    await world.advance(25 * HOUR)
    await compare(world)
    const stuck = await untilQuiet(world, say)
    const counts = await countWebhookFaults(world, storm, stuck)
    const deadLetters = { ...dead, leftAfterReplay }
    const clean = counts.lost + counts.doubled + counts.stuck + counts.orphans === 0
    return {
      ...counts,
      ...{ runs: uploads, seed, moments, deadLetters },
      storm: {
        ...storm.counts,
        events: storm.events.length,
        kills: moments.length,
        'processes that ended by themselves': world.nodes.reduce((sum, node) => sum + node.crashes(), 0),
        'failed transactions': failed.failed,
      },
      seconds: Math.round((performance.now() - began) / 1000),
      ok: clean && dead.unplanned === 0 && leftAfterReplay === 0 && storm.counts['replays taken'] === 0,
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
      newLedgerUpload(world, seed, from + n, fateOf(random)),
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
    await world.advance(20 * MINUTE + random.below(90) * MINUTE)
    say(
      `round ${round + 1}/${rounds}: ${to} uploads, ${storm.queue.length} deliveries to come${rough ? ', rough' : ''}; not taken ${JSON.stringify(Object.fromEntries(storm.refusals))}`,
    )
  }
  return moments
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
    if (storm.queue.length > 0) await world.advance(Math.max(1000, next - world.now() + 1000))
  }
  say('every delivery was made')
  await untilQuiet(world, say)
  for (let day = 1; day <= 2; day += 1) {
    await world.advance(25 * HOUR)
    await compare(world)
    const left = await untilQuiet(world, say)
    say(`day ${day}: compared; ${left.length ? left.join(', ') : 'nothing is under way'}`)
  }
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
    await world.tidySchedules()
    const run = await newest()
    return run && run.id !== before?.id && run.status !== 'running'
  }
  await until('the comparison ends', over, 600_000, 200)
}

/** Waits until nothing moves any more that could; gives what is left, in words. */
async function untilQuiet(world: WebhookWorld, say: (line: string) => void): Promise<string[]> {
  let left: string[] = []
  let told = performance.now()
  let moved = performance.now()
  const quiet = async () => {
    const before = left.join()
    left = await unfinished(world)
    if (left.join() !== before) moved = performance.now()
    await world.tidySchedules()
    if (left.length > 0 && performance.now() - told > TELL_MS) {
      told = performance.now()
      say(`waiting: ${left.join(', ')}`)
    }
    if (left.some((line) => line.includes('webhooks'))) await world.runScheduled('webhooks.sweep')
    // Time goes on only where nothing else does: whoever works on something holds it by the clock.
    if (left.length > 0 && performance.now() - moved > STILL_MS) {
      moved = performance.now()
      await world.advance(MINUTE)
    }
    return left.length === 0
  }
  await until('everything has come to its end', quiet, QUIET_MS, 500).catch(() => undefined)
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
