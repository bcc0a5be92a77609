import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createTestAuditLog,
  shareEvent,
  type TestAuditLog,
  tamper,
} from '../../../../tests/support/audit-log.ts'
import { openCheckpoint } from './checkpoint.ts'
import { indexWords } from './index-words.ts'
import { searchAuditInput } from './inputs.ts'
import { hashLeaf } from './merkle.ts'
import { verifyInclusion } from './merkle-proof.ts'
import { listHistory } from './queries.ts'
import { readReceipt } from './receipt.ts'
import { recordEvent } from './record.ts'
import { searchEvents } from './search.ts'
import { readLogResource } from './serve-log.ts'

let audit: TestAuditLog
const ids: string[] = []
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 0, 0, second))

beforeAll(async () => {
  audit = await createTestAuditLog()
  for (let n = 0; n < 300; n++) {
    const isPlayback = n % 3 === 0
    const event = shareEvent({
      action: isPlayback ? 'playback.issue' : n % 3 === 1 ? 'share.create' : 'shareholder.list',
      actor: isPlayback ? { kind: 'viewer', id: `vwr_${n % 9}` } : { kind: 'system', id: 'system' },
      target: isPlayback ? { type: 'viewer', id: `vwr_${n % 9}` } : { type: 'share', id: `shr_${n % 5}` },
      details: isPlayback ? { share_id: `shr_${n % 5}` } : {},
      outcome: n % 50 === 0 ? 'refused' : 'allowed',
      time: at(n),
    })
    ids.push((await recordEvent(audit.database.pool, event, audit.log.subjectKeys)).id)
    if (n === 256) await audit.log.sequencer.checkpoint()
    if (n === 279) await audit.log.sequencer.drain()
  }
})
afterAll(() => audit.close())

const search = (input: object) => searchEvents(audit.database.pool, searchAuditInput.parse(input))
const found = async (input: object) => (await search(input)).items.map(({ event }) => ids.indexOf(event!.id))

describe('search', () => {
  test('[ALV-06] finds events at commit, newest first, each with its state of proof', async () => {
    const { items } = await search({ limit: 50 })
    expect(items.map(({ event }) => ids.indexOf(event!.id))).toEqual(
      Array.from({ length: 50 }, (_, i) => 299 - i),
    )
    const state = (n: number) => items[299 - n]
    expect(state(290)).toMatchObject({ index: null, proved: false })
    expect(state(270)).toMatchObject({ index: 270, proved: false })
    expect(state(256)).toMatchObject({ index: 256, proved: true })
  })

  test('[ALV-06] pages through everything once, whatever is integrated meanwhile', async () => {
    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = await search({ limit: 37, cursor })
      seen.push(...page.items.map(({ event }) => ids.indexOf(event!.id)))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => 299 - i))
  })

  const all = Array.from({ length: 300 }, (_, n) => n).reverse()
  test.each<[object, (n: number) => boolean]>([
    [{ action: 'share.create' }, (n) => n % 3 === 1],
    [{ action: 'share.' }, (n) => n % 3 === 1],
    [{ actor: 'vwr_3' }, (n) => n % 9 === 3],
    [{ target: 'shr_2' }, (n) => n % 3 !== 0 && n % 5 === 2],
    [{ share: 'shr_2' }, (n) => n % 5 === 2],
    [{ outcome: 'refused' }, (n) => n % 50 === 0],
    [{ outcome: 'allowed', action: 'playback.issue' }, (n) => n % 50 !== 0 && n % 3 === 0],
    [{ from: at(100).toISOString(), to: at(110).toISOString() }, (n) => n >= 100 && n < 110],
    [
      { share: 'shr_1', from: at(200).toISOString(), outcome: 'allowed' },
      (n) => n % 5 === 1 && n >= 200 && n % 50 !== 0,
    ],
    [{ actor: "' or true --" }, () => false],
  ])('[ALV-06] by %j', async (input, matches) => {
    expect(await found({ ...input, limit: 200 })).toEqual(all.filter(matches))
  })

  describe.each(['before', 'after'])('by free text, %s its words are kept', (when) => {
    beforeAll(async () => {
      if (when === 'after') expect(await indexWords(audit.database.pool, 1000)).toBe(280)
    })
    test.each<[string, (n: number) => boolean]>([
      ['refused', (n) => n % 50 === 0],
      ['playback', (n) => n % 3 === 0],
      ['PLAYBACK.issue Refused', (n) => n % 150 === 0],
      ['vwr_3', (n) => n % 9 === 3],
      ['shr_2 play', (n) => n % 15 === 12],
      ['shareh', (n) => n % 3 === 2],
      ['hareholder', () => false],
      ["' | 'x':* & ! \\\\", () => false],
      ['()', () => false],
    ])('[ALV-06] %s', async (text, matches) => {
      expect(await found({ text, limit: 200 })).toEqual(all.filter(matches))
    })

    test('[ALV-06] with other conditions, and page by page', async () => {
      const seen: number[] = []
      let cursor: string | undefined
      do {
        const page = await search({ text: 'share.create', share: 'shr_2', limit: 3, cursor })
        seen.push(...page.items.map(({ event }) => ids.indexOf(event!.id)))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(seen).toEqual(all.filter((n) => n % 3 === 1 && n % 5 === 2))
    })

    test('[ALV-06] an event is found by its own ID and its request', async () => {
      expect(await found({ text: ids[290] })).toEqual([290])
      expect(await found({ text: ids[7] })).toEqual([7])
      expect(await found({ text: 'req_1', limit: 200 })).toHaveLength(200)
    })
  })

  test('a cursor or a limit that is not ours is refused', async () => {
    await expect(search({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' })
    expect(searchAuditInput.safeParse({ limit: 5000 }).success).toBe(false)
    expect(searchAuditInput.safeParse({ colour: 'blue' }).success).toBe(false)
  })

  test('[SPS-03] the history of a share holds its creation and its playback', async () => {
    const { items, nextCursor } = await listHistory(audit.database.pool, { share: 'shr_2' }, { limit: 10 })
    expect(items).toHaveLength(10)
    expect(new Set(items.map(({ action }) => action))).toEqual(
      new Set(['share.create', 'playback.issue', 'shareholder.list']),
    )
    expect(nextCursor).not.toBeNull()
  })

  test('[ALV-05] what concerns somebody is what they did and what was done to them, once each, page by page', async () => {
    const expected = ids.flatMap((_, n) => (n % 9 === 0 ? [n] : [])).reverse()
    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = await listHistory(audit.database.pool, { concerning: 'vwr_0' }, { limit: 4, cursor })
      seen.push(...page.items.map(({ id }) => ids.indexOf(id)))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(seen).toEqual(expected)
  })
})

describe('the log as C2SP resources', () => {
  const read = async (path: string) =>
    (await readLogResource(audit.database.pool, path, audit.log))?.body ?? null

  test('[ALV-02] a client rebuilds the signed root from the entries alone', async () => {
    const checkpoint = openCheckpoint(
      (await read('checkpoint'))!.toString(),
      audit.log.origin,
      audit.log.headSigner.known,
    )!
    expect(checkpoint.size).toBe(257)
    const bundles = Buffer.concat([(await read('tile/entries/000'))!, (await read('tile/entries/001.p/1'))!])
    const leaves: Buffer[] = []
    for (let offset = 0; offset < bundles.length; ) {
      const length = bundles.readUInt16BE(offset)
      leaves.push(hashLeaf(bundles.subarray(offset + 2, offset + 2 + length)))
      offset += 2 + length
    }
    expect(leaves).toHaveLength(257)
    expect(Buffer.concat(leaves.slice(0, 256)).equals((await read('tile/0/000'))!)).toBe(true)
    expect(leaves[256]!.equals((await read('tile/0/001.p/1'))!)).toBe(true)
    const top = (await read('tile/1/000.p/1'))!
    const claim = { index: 256, size: 257, leafHash: leaves[256]!, proof: [top], root: checkpoint.root }
    expect(verifyInclusion(claim)).toBe(true)
  })

  test.each([
    'tile/0/001',
    'tile/0/001.p/200',
    'tile/0/002',
    'tile/1/000',
    'tile/8/000',
    'tile/entries/001',
    'tile/entries/007',
    'other',
    '',
  ])('%j does not exist', async (path) => {
    expect(await read(path)).toBeNull()
  })
})

describe('receipts', () => {
  test('[ALV-02] prove one event against a signed head, offline', async () => {
    const receipt = (await readReceipt(audit.log, ids[299]!))!
    expect(receipt).toMatchObject({ index: 299, size: 300, eventId: ids[299] })
    const [head, checkpointNote] = [
      receipt.text.slice(0, receipt.text.indexOf('\n\n')),
      receipt.text.slice(receipt.text.indexOf('\n\n') + 2),
    ]
    const [version, extra, index, ...proof] = head.split('\n')
    expect([version, index]).toEqual(['c2sp.org/tlog-proof@v1', 'index 299'])
    const checkpoint = openCheckpoint(checkpointNote, audit.log.origin, audit.log.headSigner.known)!
    const leafHash = hashLeaf(Buffer.from(extra!.slice('extra '.length), 'base64'))
    expect(
      verifyInclusion({
        index: 299,
        size: 300,
        leafHash,
        proof: proof.map((line) => Buffer.from(line, 'base64')),
        root: checkpoint.root,
      }),
    ).toBe(true)
    expect(await readReceipt(audit.log, 'evt_1111111111111111111111')).toBeNull()
  })

  test('a damaged entry is shown as damaged, not hidden', async () => {
    await tamper(audit.database.pool, "update audit_events set entry = '{}' where seq = 10")
    expect((await search({ from: at(9).toISOString(), to: at(10).toISOString() })).items).toEqual([
      {
        event: null,
        missing: 'damaged',
        columns: expect.any(Object),
        time: expect.any(String),
        index: 9,
        proved: true,
      },
    ])
  })
})
