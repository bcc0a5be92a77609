import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseContentRange } from './content-range.ts'

describe('[MUX-07] Content-Range', () => {
  it.each([
    [undefined, { kind: 'whole' }],
    ['bytes 0-9/10', { kind: 'bytes', start: 0, end: 9, total: 10 }],
    ['bytes 5-9/*', { kind: 'bytes', start: 5, end: 9, total: null }],
    ['bytes */10', { kind: 'query', total: 10 }],
    ['bytes */*', { kind: 'query', total: null }],
    ['bytes 8-15/10', { kind: 'bytes', start: 8, end: 9, total: 10 }],
    ['bytes 10-15/10', { kind: 'invalid' }],
    ['bytes 9-5/10', { kind: 'invalid' }],
    ['bytes 0-9', { kind: 'invalid' }],
    ['items 0-9/10', { kind: 'invalid' }],
    ['bytes 0-9/10, 20-29/30', { kind: 'invalid' }],
    ['bytes 0-9/99999999999999999999', { kind: 'invalid' }],
    ['', { kind: 'invalid' }],
  ])('reads %j', (header, expected) => {
    expect(parseContentRange(header)).toEqual(expected)
  })

  it('reads back every range that a client can mean', () => {
    const sizes = fc
      .tuple(fc.nat(1e12), fc.nat(1e12), fc.nat(1e12))
      .map((three) => three.toSorted((a, b) => a - b))
    fc.assert(
      fc.property(sizes, ([start, end, last]) => {
        const total = last! + 1
        expect(parseContentRange(`bytes ${start}-${end}/${total}`)).toEqual({
          kind: 'bytes',
          start,
          end,
          total,
        })
      }),
    )
  })

  it('[ASVS-1.4.2] never gives a range that is empty, backwards or past its total', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.stringMatching(/^bytes [0-9]{1,4}-[0-9]{1,4}\/[0-9]{1,4}$/),
        (noise, likely) => {
          for (const header of [noise, likely]) {
            const range = parseContentRange(header)
            if (range.kind !== 'bytes') continue
            expect(range.start).toBeLessThanOrEqual(range.end)
            if (range.total !== null) expect(range.end).toBeLessThan(range.total)
          }
        },
      ),
    )
  })
})
