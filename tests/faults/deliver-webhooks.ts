import type { Random } from '../support/random.ts'
import { type Delivery, replayOf, type Storm } from './provider-storm.ts'
import type { WebhookWorld } from './webhook-world.ts'

const AT_ONCE = 12
const MINUTE = 60_000
const PATIENCE_MS = 10_000

/** Sends what is due, in random order, until nothing is; what was not taken is due again later, as with Mux. */
export async function deliverDue(world: WebhookWorld, storm: Storm, random: Random): Promise<void> {
  const due = takeDue(world, storm, random)
  const work = async () => {
    for (let one = due.pop(); one; one = due.pop()) {
      const more = await deliver(world, storm, one, random)
      if (more) storm.queue.push(more)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

function takeDue(world: WebhookWorld, storm: Storm, random: Random): Delivery[] {
  const now = world.now()
  const due = storm.queue.filter(({ dueAt }) => dueAt <= now)
  storm.queue = storm.queue.filter(({ dueAt }) => dueAt > now)
  for (let n = due.length - 1; n > 0; n -= 1) {
    const other = random.below(n + 1)
    const [a, b] = [due[n], due[other]]
    if (a && b) [due[n], due[other]] = [b, a]
  }
  return due
}

/** One request; gives what is to be sent later because of it. */
async function deliver(
  world: WebhookWorld,
  storm: Storm,
  delivery: Delivery,
  random: Random,
): Promise<Delivery | null> {
  const signature = delivery.old?.signature ?? world.mux.sign(delivery.body, { at: new Date(world.now()) })
  const status = await send(world, delivery.body, signature, random)
  if (delivery.old) {
    if (status >= 200 && status < 300) storm.counts['replays taken'] += 1
    return status === 401 ? null : { ...delivery, dueAt: world.now() + MINUTE }
  }
  if (status >= 200 && status < 300) {
    delivery.event.taken = true
    const replay = replayOf({ ...delivery, dueAt: world.now() }, signature, random)
    if (replay) storm.counts.replayed += 1
    return replay
  }
  storm.refusals.set(status, (storm.refusals.get(status) ?? 0) + 1)
  const tries = delivery.tries + 1
  return { ...delivery, tries, dueAt: world.now() + Math.min(2 ** tries, 60) * 5000 }
}

/** Status of the answer; 0 where there is none. */
async function send(world: WebhookWorld, body: string, signature: string, random: Random): Promise<number> {
  const node = random.pick(world.nodes)
  try {
    const answer = await fetch(`${node.url}/api/webhooks/mux`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'mux-signature': signature },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return 0
  }
}
