import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readCursor, readPage, writeCursor } from './pagination.ts'

const query = (text: string) => new URLSearchParams(text)

it('counts pages from 1, 25 a page, 100 at most', () => {
  expect(readPage(query(''))).toEqual({ page: 1, limit: 25, offset: 0 })
  expect(readPage(query('page=3&limit=10'))).toEqual({ page: 3, limit: 10, offset: 20 })
  expect(readPage(query('limit=1000')).limit).toBe(100)
})

it.each(['limit=0', 'limit=-1', 'limit=ten', 'limit=1.5', 'page=0', 'page=99999999999'])(
  'refuses %s',
  (text) => {
    expect(() => readPage(query(text))).toThrow(expect.objectContaining({ status: 400 }))
  },
)

it('reads back every cursor it wrote, and no other', () => {
  const places = fc.record({
    created_at: fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
    id: fc.stringMatching(/^[A-Za-z0-9]{1,64}$/),
  })
  fc.assert(
    fc.property(places, (place) => {
      expect(readCursor(query(`cursor=${writeCursor(place)}`))).toEqual({
        createdAt: place.created_at,
        id: place.id,
      })
    }),
  )
  expect(readCursor(query(''))).toBeNull()
  expect(() => readCursor(query('cursor=nonsense'))).toThrow(expect.objectContaining({ status: 400 }))
})
