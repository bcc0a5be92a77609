import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from './front-door.ts'

export type TurnBounds = {
  /** Answers that are being made at the same time. */
  atOnce: number
  /** Requests of one address that may wait for their turn. */
  waitingPerAddress: number
  /** A turn ends after this long at the latest, however slowly its answer is taken. */
  turnMs: number
  /** Where so many of one address wait, its answers are made one at a time, with a rest as long as each took. */
  crowd: number
  longestRestMs: number
}

const BOUNDS: TurnBounds = {
  ...{ atOnce: 4, waitingPerAddress: 60, turnMs: 2_000 },
  ...{ crowd: 8, longestRestMs: 200 },
}
const RETRY_SECONDS = 5

type Waiting = { req: IncomingMessage; res: ServerResponse; over: () => void }
type Turns = { free: number }

/**
 * Lets a costly handler work on a few requests at a time, the addresses in turn: one that asks for hundreds of pages at
 * once waits for itself. Addresses with a crowd waiting share one turn of their own, which is given on after a rest as long
 * as it took: half of the process's time stays for what is cheaper than pages, and the other addresses keep their turns.
 * Who has gone by the time of their turn is passed over.
 */
export function inTurns(
  handle: Handler,
  addressOf: (req: IncomingMessage) => string,
  given: Partial<TurnBounds> = {},
): Handler {
  const bounds = { ...BOUNDS, ...given }
  const queues = new Map<string, Waiting[]>()
  const others: Turns = { free: bounds.atOnce }
  const crowds: Turns = { free: 1 }

  const next = (): [Waiting, Turns] | null => {
    for (const [address, queue] of queues) {
      const turns = queue.length >= bounds.crowd ? crowds : others
      if (turns.free === 0) continue
      // To the end of the line: the other addresses are next.
      queues.delete(address)
      const first = queue.shift()
      if (queue.length > 0) queues.set(address, queue)
      if (first && !first.res.destroyed && !first.req.socket.destroyed) return [first, turns]
      first?.over()
    }
    return null
  }
  const work = () => {
    for (let found = next(); found; found = next()) {
      const [waiting, turns] = found
      turns.free -= 1
      void take(waiting, turns)
    }
  }
  const take = async ({ req, res, over }: Waiting, turns: Turns) => {
    const began = performance.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, bounds.turnMs)
    })
    const done = Promise.resolve(handle(req, res)).catch(() => {
      if (!res.headersSent) res.writeHead(500)
      res.end()
    })
    await Promise.race([done, late])
    clearTimeout(timer)
    over()
    const giveOn = () => {
      turns.free += 1
      work()
    }
    // Cheaper requests get a word in between two pages, and more than a word between those of a crowd.
    if (turns === others) setImmediate(giveOn)
    else setTimeout(giveOn, Math.min(performance.now() - began, bounds.longestRestMs))
  }

  return (req, res) => {
    const address = addressOf(req)
    const queue = queues.get(address) ?? []
    if (queue.length >= bounds.waitingPerAddress) return refuse(res)
    return new Promise<void>((over) => {
      queue.push({ req, res, over })
      queues.set(address, queue)
      work()
    })
  }
}

function refuse(res: ServerResponse): void {
  const text = 'Too many pages are being made for this address. Try again in a moment.\n'
  res.writeHead(503, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'retry-after': `${RETRY_SECONDS}`,
    'cache-control': 'no-store',
  })
  res.end(text)
}
