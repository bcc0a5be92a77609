import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from './front-door.ts'

export type TurnBounds = {
  /** Answers that are being made at the same time. */
  atOnce: number
  /** Requests of one address that may wait for their turn. */
  waitingPerAddress: number
  /** A turn ends after this long at the latest, however slowly its answer is taken. */
  turnMs: number
  /** Where so many of one address wait, one answer is made at a time, with a rest as long as it took. */
  crowd: number
  longestRestMs: number
}

const BOUNDS: TurnBounds = {
  ...{ atOnce: 4, waitingPerAddress: 60, turnMs: 2_000 },
  ...{ crowd: 8, longestRestMs: 200 },
}
const RETRY_SECONDS = 5

type Waiting = { req: IncomingMessage; res: ServerResponse; over: () => void }

/**
 * Lets a costly handler work on a few requests at a time, the addresses in turn: one that asks for hundreds of pages at
 * once waits for itself, and neither for its neighbours' pages nor for anything cheaper does it become dear: while it has a
 * crowd waiting, half of the process's time is everybody else's. Who has gone by the time of their turn is passed over.
 */
export function inTurns(
  handle: Handler,
  addressOf: (req: IncomingMessage) => string,
  given: Partial<TurnBounds> = {},
): Handler {
  const bounds = { ...BOUNDS, ...given }
  const queues = new Map<string, Waiting[]>()
  let running = 0
  let rest: NodeJS.Timeout | undefined

  const isCrowded = () => {
    for (const queue of queues.values()) if (queue.length >= bounds.crowd) return true
    return false
  }
  const next = (): Waiting | null => {
    for (const [address, queue] of queues) {
      // To the end of the line: the other addresses are next.
      queues.delete(address)
      const first = queue.shift()
      if (queue.length > 0) queues.set(address, queue)
      if (first && !first.res.destroyed && !first.req.socket.destroyed) return first
      first?.over()
      if (queue.length > 0) return next()
    }
    return null
  }
  const work = () => {
    while (!rest && running < (isCrowded() ? 1 : bounds.atOnce)) {
      const turn = next()
      if (!turn) return
      running += 1
      void take(turn)
    }
  }
  const take = async ({ req, res, over }: Waiting) => {
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
    running -= 1
    over()
    // Cheaper requests get a word in between two pages, and more than a word between those of a crowd.
    if (isCrowded()) restFor(performance.now() - began)
    else setImmediate(work)
  }

  const restFor = (ms: number) => {
    clearTimeout(rest)
    rest = setTimeout(
      () => {
        rest = undefined
        work()
      },
      Math.min(ms, bounds.longestRestMs),
    )
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
