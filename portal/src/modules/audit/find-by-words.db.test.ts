import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestAuditLog, shareEvent, type TestAuditLog } from '../../../../tests/support/audit-log.ts'
import { canonicalJson } from './canonical-json.ts'
import { encodeEvent } from './event.ts'
import { eventFrom } from './event-from.ts'
import { indexWords } from './index-words.ts'
import { searchAuditInput } from './inputs.ts'
import { hashLeaf } from './merkle.ts'
import { searchEvents } from './search.ts'

/** More than two stretches of the index, a young part without words, and a part without a place in the tree. */
const EVENTS = 9200
const WORDED = 9000
const PLACED = 9100

let audit: TestAuditLog
const start = Date.UTC(2026, 2, 1)
/** Each event's minute: near its place, but not in its order, so that times of neighbouring stretches overlap. */
const minute = (n: number) => n + ((n * 7919) % 6000)
const actionOf = (n: number) => (n % 2 ? 'playback.issue' : n % 700 === 0 ? 'share.revoke' : 'share.create')

beforeAll(async () => {
  audit = await createTestAuditLog()
  const { pool } = audit.database
  await record(0, PLACED)
  await audit.log.sequencer.checkpoint()
  await indexWords(pool, WORDED)
  await record(PLACED, EVENTS)
})
afterAll(() => audit?.close())

async function record(from: number, to: number): Promise<void> {
  const entries = Array.from({ length: to - from }, (_, at) => entryOf(from + at))
  await audit.database.pool.query(
    'insert into audit_events (entry, leaf_hash) select * from unnest($1::text[], $2::bytea[])',
    [entries, entries.map((entry) => hashLeaf(entry))],
  )
}

function entryOf(n: number): string {
  const event = eventFrom(
    `evt_${String(n).padStart(22, '1').replaceAll('0', 'A')}`,
    shareEvent({
      action: actionOf(n),
      actor: { kind: 'user', id: `usr_${n % 3}`, role: 'agency', groups: [], organisationId: 'org_1' },
      target: { type: 'share', id: `shr_${n % 40}` },
      outcome: n % 90 === 0 ? 'refused' : 'allowed',
      requestId: `req_${n}`,
      time: new Date(start + minute(n) * 60_000),
    }),
  )
  return canonicalJson(event as never)
}

/** Numbers of the events that meet a condition, newest first. */
const expected = (meets: (n: number) => boolean) =>
  Array.from({ length: EVENTS }, (_, n) => n)
    .filter(meets)
    .sort((a, b) => minute(b) - minute(a) || b - a)

async function found(input: object, limit = 200): Promise<number[]> {
  const seen: number[] = []
  let cursor: string | undefined
  do {
    const page = await searchEvents(audit.database.pool, searchAuditInput.parse({ ...input, limit, cursor }))
    seen.push(...page.items.map(({ event }) => Number(event?.requestId.slice('req_'.length))))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return seen
}

const at = (n: number) => new Date(start + n * 60_000).toISOString()

describe('free text over several stretches, the young and the pending', () => {
  test.each<[object, (n: number) => boolean]>([
    [{ text: 'revoke' }, (n) => n % 700 === 0],
    [{ text: 'req_777' }, (n) => String(n).startsWith('777')],
    [{ text: 'req_9150' }, (n) => n === 9150],
    [{ text: 'req_17' }, (n) => String(n).startsWith('17')],
    [{ text: 'refused create' }, (n) => n % 90 === 0 && n % 700 !== 0],
    [{ text: 'req_9 revoke' }, (n) => String(n).startsWith('9') && n % 700 === 0],
    [{ text: 'shr refused req', outcome: 'refused' }, (n) => n % 90 === 0],
    [{ text: 'vendor' }, () => false],
    [{ text: 'vendor req' }, () => false],
    [{ text: 'vendor share' }, () => false],
    [{ text: 'refused', outcome: 'allowed' }, () => false],
    [{ text: 'share', outcome: 'refused', target: 'shr_20' }, (n) => n % 90 === 0 && n % 40 === 20],
    [{ text: 'refused', action: 'share.' }, (n) => n % 90 === 0],
    [{ text: 'refused', action: 'share.revoke' }, (n) => n % 6300 === 0],
    [
      { text: 'refused', from: at(4000), to: at(9000) },
      (n) => n % 90 === 0 && minute(n) >= 4000 && minute(n) < 9000,
    ],
    [{ text: 'req_91', share: 'shr_7' }, (n) => /^91/.test(String(n)) && n % 40 === 7],
  ])('[ALV-06] %j', async (input, meets) => {
    expect(await found(input)).toEqual(expected(meets))
  })

  test('[ALV-06] page by page, newest first, each once', async () => {
    expect(await found({ text: 'refused' }, 7)).toEqual(expected((n) => n % 90 === 0))
  })

  test('[ALV-06] a frequent word fills its first page with the newest', async () => {
    const page = await searchEvents(audit.database.pool, searchAuditInput.parse({ text: 'playback' }))
    expect(page.items.map(({ event }) => event?.requestId)).toEqual(
      expected((n) => n % 2 === 1)
        .slice(0, 50)
        .map((n) => `req_${n}`),
    )
  })
})

test('[ALV-06] a page takes three statements, and one for each time that stretches are read', async () => {
  const { pool } = audit.database
  for (const [text, most] of [
    // Once where the page is, once where times reach into it.
    ['playback', 5],
    ['req_777', 4],
    ['vendor', 3],
  ] as const) {
    let asked = 0
    const counted = {
      query(statement: never) {
        asked += 1
        return pool.query(statement)
      },
    }
    await searchEvents(counted as never, searchAuditInput.parse({ text }))
    expect({ text, asked }).toEqual({ text, asked: most })
  }
})

test('[ALV-06] finds each once, also what gets its words while the search runs', async () => {
  const { pool } = audit.database
  let isFirst = true
  const overtaken = {
    async query(asked: never) {
      const answer = await pool.query(asked)
      if (isFirst) expect(await indexWords(pool, 50)).toBe(50)
      isFirst = false
      return answer
    },
  }
  const page = await searchEvents(overtaken as never, searchAuditInput.parse({ text: 'req_90', limit: 200 }))
  expect(page.items.map(({ event }) => event?.requestId)).toEqual(
    expected((n) => String(n).startsWith('90')).map((n) => `req_${n}`),
  )
})

test('[ALV-06] of an event with more words than are kept, its codes and whom it is about are kept', async () => {
  const { pool } = audit.database
  const ids = (from: number) => Array.from({ length: 60 }, (_, n) => `aaa_${from + n}`)
  const event = shareEvent({
    action: 'share.update',
    actor: { kind: 'user', id: 'usr_zz', role: 'agency', groups: [], organisationId: 'org_1' },
    requestId: 'req_many',
    details: { share_id: 'shr_zz', a: ids(0), b: ids(100) },
  })
  await pool.query('insert into audit_events (entry, leaf_hash) values ($1, $2)', [
    encodeEvent(eventFrom('evt_zzzzzzzzzzzzzzzzzzzzzz', event)),
    Buffer.alloc(32),
  ])
  await audit.log.sequencer.drain()
  await indexWords(pool, 1000)
  for (const text of ['share.update', 'update usr_zz', 'shr_zz allowed', 'req_many agency'])
    expect(await searchEvents(pool, searchAuditInput.parse({ text })), text).toMatchObject({
      items: [{ columns: { event_id: 'evt_zzzzzzzzzzzzzzzzzzzzzz' } }],
    })
})
