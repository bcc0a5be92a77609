import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type pg from 'pg'
import { listenOnFreePort } from './listen.ts'
import type { Random } from './random.ts'

/** A line to Postgres on which transactions fail: PostgreSQL's protocol 3, message by message. */
export type FailingPostgres = {
  /** For clients: the database's URL with the line's address. */
  urlOf(database: pg.PoolConfig): string
  /** From now on so many of all transactions fail; 0 for none. */
  fail(rate: number): void
  /** Transactions that ended, and those that were made to fail. */
  counts(): { transactions: number; failed: number }
  stop(): Promise<void>
}

/**
 * How a transaction fails: most often it is refused at its commit; sometimes the line breaks just before; sometimes it
 * is committed and the line breaks before the answer.
 */
type Fate = 'pass' | 'refuse' | 'break' | 'lose_answer'

export async function startFailingPostgres(target: pg.PoolConfig, random: Random): Promise<FailingPostgres> {
  const socketPath = join(String(target.host), `.s.PGSQL.${target.port ?? 5432}`)
  const open = new Set<Socket>()
  const counts = { transactions: 0, failed: 0 }
  let rate = 0
  const fateOf = (end: End): Fate => {
    counts.transactions += 1
    if (random.below(1000) >= rate * 1000) return 'pass'
    const kind = random.below(10)
    const fate = kind < 8 ? 'refuse' : kind < 9 ? 'break' : 'lose_answer'
    // A statement by itself has no commit that could be refused.
    if (end === 'statement' && fate === 'refuse') return 'pass'
    counts.failed += 1
    return fate
  }
  const server = createServer((near) => {
    const far = connect(socketPath)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    relay(near, far, fateOf)
  })
  const listening = await listenOnFreePort(server)
  return {
    urlOf: ({ user, password, database }) =>
      `postgres://${user}:${encodeURIComponent(String(password))}@127.0.0.1:${listening.port}/${database}`,
    fail(next) {
      rate = next
    },
    counts: () => ({ ...counts }),
    async stop() {
      const stopped = listening.stop()
      for (const socket of open) socket.destroy()
      await stopped
    },
  }
}

const ROLLBACK = queryOf('rollback')
const IDLE = 'I'

function relay(near: Socket, far: Socket, fateOf: (end: End) => Fate): void {
  let started = false
  let status = ''
  /** What becomes of the answer to the commit that is under way. */
  let answer: Fate = 'pass'
  const fromClient = splitter(() => !started)
  near.on('data', (bytes) => {
    for (const message of fromClient(bytes)) {
      if (!started) {
        started = true
        far.write(message)
        continue
      }
      const end = endOf(message, status)
      const fate = end ? fateOf(end) : 'pass'
      if (fate === 'break') return void near.destroy()
      answer = fate === 'pass' ? answer : fate
      far.write(fate === 'refuse' ? ROLLBACK : message)
    }
  })
  const fromServer = splitter(() => false)
  far.on('data', (bytes) => {
    for (const message of fromServer(bytes)) {
      const type = String.fromCharCode(message[0] ?? 0)
      if (type === 'Z') status = String.fromCharCode(message[5] ?? 0)
      if (type === 'C' && answer === 'lose_answer') return void near.destroy()
      const refused = type === 'C' && answer === 'refuse'
      if (refused) answer = 'pass'
      near.write(refused ? ERROR : message)
    }
  })
}

type End = 'commit' | 'statement'
const [QUERY, SYNC] = [0x51, 0x53]

/** Whether this ends a transaction: the commit of a block, or a statement outside of one. */
function endOf(message: Buffer, status: string): End | null {
  if (message[0] === SYNC) return status === IDLE ? 'statement' : null
  if (message[0] !== QUERY || status === IDLE) return null
  return message.toString('latin1', 5, 25).trimStart().toLowerCase().startsWith('commit') ? 'commit' : null
}

/** Cuts a stream into messages; the first of a client has no type byte. */
function splitter(isUntyped: () => boolean): (bytes: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    const messages: Buffer[] = []
    for (;;) {
      const head = isUntyped() && messages.length === 0 ? 0 : 1
      if (rest.length < head + 4) return messages
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return messages
      messages.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}

function queryOf(text: string): Buffer {
  const body = Buffer.from(`${text}\0`)
  const head = Buffer.alloc(5)
  head.write('Q')
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}

/** 40001, as of a transaction that PostgreSQL could not commit. */
const ERROR = (() => {
  const body = Buffer.from('SERROR\0VERROR\0C40001\0Mmade to fail at its commit\0\0')
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
})()
