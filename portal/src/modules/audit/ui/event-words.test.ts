import { expect, test } from 'vitest'
import { operations } from '#portal/registry.ts'
import { EVENT_AREAS, eventTypes } from './event-catalogue.ts'
import { eventInWords } from './event-words.ts'

test('whatever the product can do has words in the log', () => {
  const bare = operations
    .map(({ action }) => action)
    .filter((action) => eventInWords({ action, outcome: 'allowed', reason: null }) === action)
  expect(bare).toEqual([])
})

test('[ALV-01] each type of event has its label, its controls and its retention in the catalogue', () => {
  const listed = new Map(eventTypes().map((type) => [type.action, type]))
  expect(operations.map(({ action }) => action).filter((action) => !listed.has(action))).toEqual([])
  // An area without a line in AREAS would go out under the log's own label, with no control beside logging.
  const unlisted = [...listed.keys()].filter((action) => !EVENT_AREAS.includes(action.split('.')[0] ?? ''))
  expect(unlisted).toEqual([])
  expect(listed.get('playback.issue')).toEqual({
    action: 'playback.issue',
    says: 'Playback allowed',
    classification: 'sensitive',
    controls: expect.arrayContaining([
      'SOC 2 CC6.1',
      'GDPR Art. 30',
      'GDPR Art. 32',
      'APP 11',
      'ISO 27001 A.8.15',
    ]),
    retention: 'playback',
    retentionDays: 365,
  })
  expect(listed.get('share.revoke')).toMatchObject({ retention: 'revocation', retentionDays: 730 })
  expect(listed.get('share.create')).toMatchObject({ retention: 'standard' })
})
