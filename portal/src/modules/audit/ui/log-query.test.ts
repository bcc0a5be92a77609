import { expect, test } from 'vitest'
import { searchAuditInput } from '../inputs.ts'
import { type LogQuery, queryIn, queryText, searchOf } from './log-query.ts'

test('[ALV-06] a search of the log goes into the address and back, and the API takes it', () => {
  const query: LogQuery = {
    area: 'share-limits',
    outcome: 'refused',
    about: 'shr_1',
    text: 'wrong code',
    from: '2026-11-01',
    to: '2026-11-30',
  }
  const address = new URLSearchParams(queryText(query))
  expect(queryIn((name) => address.get(name) ?? undefined)).toEqual(query)
  expect(searchAuditInput.parse(searchOf(query))).toMatchObject({
    action: 'share-limits.',
    share: 'shr_1',
    from: new Date('2026-11-01T00:00:00Z'),
    to: new Date('2026-12-01T00:00:00Z'),
  })
  expect(searchOf({ about: 'usr_1' })).toEqual({ actor: 'usr_1' })
  expect(searchOf({ about: 'vid_1' })).toEqual({ target: 'vid_1' })
})

test('what an address has from elsewhere is left out', () => {
  const strange: Record<string, string> = {
    area: 'A b',
    outcome: 'maybe',
    from: '2026-13-45',
    to: 'x',
    text: ' ',
  }
  expect(queryIn((name) => strange[name])).toEqual({})
})
