import { expect, test } from 'vitest'
import { reasonInWords, stateOf, stateOfVideo } from './share-words.ts'

const now = Date.parse('2026-11-21T09:00:00Z')
const at = (hours: number) => new Date(now + hours * 3_600_000).toISOString()

test('each state has its one word', () => {
  const words = (status: 'active' | 'watching' | 'used_up' | 'expired' | 'revoked') =>
    stateOf({ status, expiresAt: at(100) }, now).words
  expect((['active', 'watching', 'used_up', 'expired', 'revoked'] as const).map(words)).toEqual([
    'Active',
    'Watching now',
    'Used up',
    'Expired',
    'Revoked',
  ])
})

test('the last day is counted down in hours, the last hour in minutes', () => {
  expect(stateOf({ status: 'active', expiresAt: at(5) }, now)).toEqual({
    tone: 'warn',
    words: 'Expires in 5 h',
  })
  expect(stateOf({ status: 'active', expiresAt: at(0.2) }, now).words).toBe('Expires in 12 min')
  expect(stateOf({ status: 'active', expiresAt: at(25) }, now).words).toBe('Active')
  expect(stateOf({ status: 'active', expiresAt: at(5) }, null).words).toBe('Active')
})

test("a video's shares are told by what matters most", () => {
  const summary = { live: 2, watching: 0, nextExpiry: at(5), lastEnd: null }
  expect(stateOfVideo(undefined, now).words).toBe('Not shared')
  expect(stateOfVideo({ ...summary, watching: 1 }, now).words).toBe('Watching now')
  expect(stateOfVideo(summary, now).words).toBe('Expires in 5 h')
  expect(stateOfVideo({ live: 0, watching: 0, nextExpiry: null, lastEnd: 'revoked' }, now).words).toBe(
    'Revoked',
  )
})

test('reasons are said in words, the system’s own too', () => {
  expect([
    reasonInWords('wrong_recipient'),
    reasonInWords('video_deleted'),
    reasonInWords('new_reason'),
  ]).toEqual(['Went to the wrong person', 'The video was deleted', 'new reason'])
})
