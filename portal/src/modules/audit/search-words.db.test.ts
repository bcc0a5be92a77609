import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestAuditLog, shareEvent, type TestAuditLog } from '../../../../tests/support/audit-log.ts'
import { indexWords } from './index-words.ts'
import { recordEvent } from './record.ts'
import { verifyDatabase } from './verify-database.ts'

let audit: TestAuditLog
beforeAll(async () => {
  audit = await createTestAuditLog()
  for (let n = 0; n < 20; n += 1) {
    const event = shareEvent({ action: 'share.create', target: { type: 'share', id: `shr_${n}` } })
    await recordEvent(audit.database.pool, event, audit.log.subjectKeys)
  }
  await audit.log.sequencer.checkpoint()
  await indexWords(audit.database.pool, 100)
})
afterAll(() => audit?.close())

const wordFaults = async () =>
  (await verifyDatabase(audit.log)).faults
    .filter(({ code }) => code === 'words')
    .map(({ message }) => message)

test.each([
  [
    'changed',
    `update audit_search set words = array_to_tsvector(array['nothing']) where index = 7`,
    'the search words of entry 7 are not those of its entry',
  ],
  ['taken away', 'delete from audit_search where index = 7', 'the search words of entry 7 are missing'],
  [
    'left behind',
    `insert into audit_search (index, words) values (900, array_to_tsvector(array['shr_900']))`,
    'the search words of entry 900 are left, though it was removed',
  ],
  [
    'put into another time',
    `update audit_search_stretches set newest = oldest where n = 0`,
    'the search words of entry 19 would be passed over by their time',
  ],
])(
  '[ALV-02] finds words of a search that were %s, and none in an untouched log',
  async (_how, change, fault) => {
    expect(await wordFaults()).toEqual([])
    await audit.database.pool.query(change)
    expect(await wordFaults()).toContain(fault)
    await audit.database.pool.query('truncate audit_search, audit_search_stretches')
    await indexWords(audit.database.pool, 100)
  },
)
