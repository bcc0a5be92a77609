import { expect, test } from 'vitest'
import { blankShare, entriesOf, requestOf } from './share-form.ts'

const now = Date.parse('2026-11-21T09:00:00Z')

test('lists are read as people write them', () => {
  expect(
    entriesOf(
      'Jo@Northside.example, ana@harbour.example;\n northside.example @tidal.example jo@northside.example',
    ),
  ).toEqual({
    entries: ['jo@northside.example', 'ana@harbour.example', '@northside.example', '@tidal.example'],
    wrong: [],
  })
  expect(entriesOf('jo(at)northside')).toEqual({ entries: [], wrong: ['jo(at)northside'] })
})

test('the default asks for a verified e-mail and lives seven days', () => {
  expect(requestOf(blankShare, now)).toEqual({
    request: { access: 'email', allow: [], expiresAt: '2026-11-28T09:00:00.000Z' },
  })
})

test('an access link carries no list, even if one was typed before', () => {
  expect(requestOf({ ...blankShare, access: 'link', allow: 'nonsense', maxViews: '3' }, now)).toEqual({
    request: { access: 'link', allow: [], expiresAt: '2026-11-28T09:00:00.000Z', maxViews: 3 },
  })
})

test('every fault is named at its field', () => {
  expect(requestOf({ ...blankShare, allow: 'x', maxViews: '1.5', password: 'short' }, now)).toEqual({
    faults: {
      allow: 'x: neither an address nor a domain.',
      maxViews: 'A whole number from 1, or nothing.',
      password: 'At least 8 characters.',
    },
  })
})
