import { expect, test } from 'vitest'
import { operations } from '#portal/registry.ts'
import { eventInWords } from './event-words.ts'

test('whatever the product can do has words in the log', () => {
  const bare = operations
    .map(({ action }) => action)
    .filter((action) => eventInWords({ action, outcome: 'allowed', reason: null }) === action)
  expect(bare).toEqual([])
})
