import { createServer } from 'node:http'
import { listenOnFreePort } from '../support/listen.ts'
import type { Random } from '../support/random.ts'

export type SeenEvent = { id: string; type: string; objectId: string; times: number; bodies: Set<string> }

/** A receiver of webhooks that now and then fails, and can be watched while it has one in its hands. */
export type EventSink = {
  url: string
  seen: Map<string, SeenEvent>
  /** Calls `act` with the next event that matches before that one is answered. */
  whileHolding(matches: (event: SeenEvent) => boolean, act: () => Promise<unknown>): void
  stop(): Promise<void>
}

/** Of 100 first deliveries. */
const FAILING = 5

export async function startEventSink(random: Random): Promise<EventSink> {
  const seen = new Map<string, SeenEvent>()
  const watchers: { matches: (event: SeenEvent) => boolean; act: () => Promise<unknown> }[] = []
  const server = createServer(async (req, res) => {
    const parts: Buffer[] = []
    try {
      for await (const part of req) parts.push(part as Buffer)
    } catch {
      return
    }
    const event = note(seen, Buffer.concat(parts).toString())
    const watcher = watchers.findIndex(({ matches }) => matches(event))
    if (watcher >= 0) await watchers.splice(watcher, 1)[0]?.act()
    const fails = event.times === 1 && random.below(100) < FAILING
    res.writeHead(fails ? 500 : 200).end()
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    url: `${origin}/webhooks`,
    seen,
    whileHolding: (matches, act) => watchers.push({ matches, act }),
    stop,
  }
}

function note(seen: Map<string, SeenEvent>, text: string): SeenEvent {
  const { attempts: _, ...event } = JSON.parse(text) as Record<string, unknown>
  const { id, type, object } = event as { id: string; type: string; object: { id: string } }
  const known = seen.get(id) ?? { id, type, objectId: object.id, times: 0, bodies: new Set() }
  known.times += 1
  known.bodies.add(JSON.stringify(event))
  seen.set(id, known)
  return known
}
