import { readFile } from 'node:fs/promises'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestAuditLog, shareEvent, type TestAuditLog } from '../../../../../tests/support/audit-log.ts'
import { hasOpenssl, startTsa, type TsaServer } from '../../../../../tests/support/tsa-server.ts'
import { createAlerts } from '../../../adapters/alerts/table.ts'
import { loadSettings } from '../../../platform/env.ts'
import { createRecorder } from '../../../platform/telemetry.ts'
import { recordEvent } from '../record.ts'
import { readTimestamps, stampWhenDue } from './stamp-heads.ts'
import { openTimestamp } from './timestamp-token.ts'

describe.skipIf(!hasOpenssl)('time-stamps of heads (needs the program openssl)', () => {
  let tsa: TsaServer
  let audit: TestAuditLog
  let ahead: number
  const now = () => new Date(Date.now() + ahead)
  beforeAll(async () => {
    tsa = await startTsa()
  })
  afterAll(() => tsa.stop())
  beforeEach(async () => {
    ahead = 0
    tsa.tamper(null)
    audit = await createTestAuditLog(now)
  })
  afterEach(() => audit.close())

  async function grow(): Promise<void> {
    await recordEvent(audit.database.pool, shareEvent(), audit.log.subjectKeys)
    await audit.log.sequencer.checkpoint()
  }
  function stamp(env: Record<string, string> = {}): Promise<number | null> {
    const log = pino({ level: 'silent' })
    const { pool } = audit.database
    const settings = loadSettings({ AUDIT_TSA_URL: tsa.url, AUDIT_TSA_CA_FILE: tsa.caFile, ...env })
    const alerts = createAlerts({ pool, log, clock: now, channels: [] })
    const telemetry = { ...createRecorder(), flush: async () => {} }
    return stampWhenDue({ pool, settings, clock: now, telemetry, log, ports: { alerts } })
  }
  const alerts = async () =>
    (await audit.database.pool.query('select summary from alerts where resolved_at is null')).rows.map(
      ({ summary }) => summary,
    )

  test('[ALV-02] a head is stamped, and openssl verifies what is kept', async () => {
    expect(await stamp()).toBeNull()
    await grow()
    expect(await stamp()).toBe(1)
    const [kept] = await readTimestamps(audit.database.pool)
    expect(Math.abs(kept!.stampedAt.getTime() - Date.now())).toBeLessThan(300_000)
    await tsa.verify(kept!.note, kept!.response)
    await expect(tsa.verify(`${kept!.note} `, kept!.response)).rejects.toThrow()
  })

  test('[ALV-02] once an hour, and not twice for one head', async () => {
    await grow()
    expect(await stamp()).toBe(1)
    await grow()
    expect(await stamp()).toBeNull()
    expect(await stamp({ AUDIT_TSA_MINUTES: '1' })).toBeNull()
    ahead = 61_000
    expect(await stamp({ AUDIT_TSA_MINUTES: '1' })).toBe(2)
    ahead = 122_000
    expect(await stamp({ AUDIT_TSA_MINUTES: '1' })).toBeNull()
  })

  test('[ALV-02] an answer with any changed byte proves no other time, and most are refused', async () => {
    await grow()
    await stamp()
    const [kept] = await readTimestamps(audit.database.pool)
    const { response, note, stampedAt } = kept!
    const authorities = await readFile(tsa.caFile, 'utf8')
    const open = (der: Buffer) => openTimestamp(der, { data: Buffer.from(note), authorities })
    expect(await open(response)).toEqual(stampedAt)
    let refused = 0
    for (let at = 0; at < response.length; at += 13) {
      const changed = Buffer.from(response)
      changed[at]! ^= 0x41
      const time = await open(changed).catch(() => null)
      if (time === null) refused += 1
      // Bytes that nothing rests on, such as another certificate that came along.
      else expect(time).toEqual(stampedAt)
    }
    expect(refused).toBeGreaterThan(response.length / 13 / 4)
  }, 90_000)

  test('[ALV-02] refuses another authority, another request’s answer, other data, nonsense; and tells', async () => {
    await grow()
    expect(await stamp({ AUDIT_TSA_CA_FILE: tsa.otherCaFile })).toBeNull()
    expect((await alerts())[0]).toContain('its signature does not hold')
    let first: Buffer | null = null
    tsa.tamper((der) => {
      first ??= der
      return first
    })
    expect(await stamp()).toBe(1)
    expect(await alerts()).toEqual([])
    ahead = 61_000
    await grow()
    expect(await stamp({ AUDIT_TSA_MINUTES: '1' })).toBeNull()
    expect((await alerts())[0]).toContain('it is over something else')
    tsa.tamper(() => Buffer.from('nonsense'))
    expect(await stamp({ AUDIT_TSA_MINUTES: '1' })).toBeNull()
    expect((await alerts())[0]).toContain('it is no time-stamp')
    const data = Buffer.from((await readTimestamps(audit.database.pool))[0]!.note)
    const authorities = await readFile(tsa.caFile, 'utf8')
    await expect(openTimestamp(first!, { data, nonce: Buffer.alloc(8, 1), authorities })).rejects.toThrow(
      'it answers another request',
    )
    tsa.tamper(null)
    expect(await stamp({ AUDIT_TSA_MINUTES: '1' })).toBe(2)
    expect(await alerts()).toEqual([])
  })

  test('[ALV-02] an authority that is not there is told of', async () => {
    await grow()
    expect(await stamp({ AUDIT_TSA_URL: 'http://127.0.0.1:1/' })).toBeNull()
    expect((await alerts())[0]).toContain('no connection')
  })
})
