import { expect, it } from 'vitest'
import { unstorableIn } from './storable-text.ts'

it('[ASVS-2.2.1] names where text stands that no table and no log can hold', () => {
  expect(unstorableIn({ note: 'Ω 🎬 ok', list: ['fine', 7, null], bytes: Buffer.from([0]) })).toBeNull()
  expect(unstorableIn({ list: [{ note: 'a\0b' }] })).toEqual({
    path: 'list.0.note',
    message: 'holds a NUL character',
  })
  for (const half of ['a\ud800', '\udc00a', '\udc00\ud800'])
    expect(unstorableIn({ note: half })?.message).toContain('half of a character')
  expect(unstorableIn({ of: { 'a\ud800': 1 } })?.path).toBe('of.name')
  expect(unstorableIn('\0')?.path).toBe('body')
  // A wrong token of a link gets the answer of all dead links.
  expect(unstorableIn({ token: '\0' })).toBeNull()
})
