import { expect, it } from 'vitest'
import { directionOf, queryIn, queryText } from './share-list-query.ts'

const of = (text: string) => queryIn((name) => new URLSearchParams(text).get(name) ?? undefined)

it('[STM-01] [ASVS-1.2.2] an address says which shares are listed, and nothing that is none of ours', () => {
  const text = 'status=active&q=relay&region=AU&expiresWithinDays=7&sort=views&order=asc'
  expect(queryText(of(text))).toBe(text)
  expect(
    of('status=gone&sort=size&order=up&ended=no&region=au&expiresWithinDays=0.5&share=shr_1&q=+'),
  ).toEqual({})
})

it('[STM-01] part of a query is replaced or taken away', () => {
  expect(queryText(of('status=active&q=relay'), { q: undefined, sort: 'used' })).toBe(
    'status=active&sort=used',
  )
})

it.each([
  ['', 'descending'],
  ['sort=expires', 'ascending'],
  ['sort=views', 'descending'],
  ['sort=used&order=asc', 'ascending'],
])('%s is %s', (text, direction) => {
  expect(directionOf(of(text))).toBe(direction)
})
