import { describe, expect, it } from 'vitest'
import { decodeCursor, decodeInstant, decodeNumbered, encodeCursor } from './cursor.ts'

const made = (at: unknown, id: unknown) => Buffer.from(JSON.stringify([at, id])).toString('base64url')
const NOW = '2026-11-23T02:20:24.165000Z'

describe('a place in a list', () => {
  it('is read as it was written, as finely as the database knows it', () => {
    const at = new Date('2026-11-23T01:59:01.975Z')
    expect(decodeInstant(encodeCursor(at, 'vid_1'))).toEqual({
      at: at.toISOString(),
      instant: at,
      id: 'vid_1',
    })
    expect(decodeNumbered(encodeCursor(NOW, '1625'))).toEqual({ at: NOW, id: '1625' })
    expect(decodeCursor(encodeCursor(null, '347'))).toEqual({ at: null, id: '347' })
  })

  it.each([
    ...['x', '', 'null', Buffer.from('{}').toString('base64url'), made(NOW, 1), made(NOW, 'a'.repeat(101))],
    ...[made(NOW, 'a\0'), made(NOW, '\ud800'), made([], 'a')],
  ])('[ASVS-2.2.1] is refused where nobody here made it: %j', (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it.each([
    ...[
      null,
      1,
      'x',
      '',
      '+275760-09-13T00:00:00.000Z',
      '-000001-01-01T00:00:00Z',
      '0000-11-23T01:59:01.975Z',
    ],
    ...['9999-99-99T99:99:99.999Z', '2026-11-23', 'infinity', 'now', '2026-11-23T02:20:24.1650001Z'],
  ])('[ASVS-2.2.1] is refused where the database knows no such time: %j', (at) => {
    for (const decode of [decodeInstant, decodeNumbered])
      expect(() => decode(made(at, '1'))).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it.each(['', 'x', '1.5', '-1', '1e9', '9'.repeat(19)])(
    '[ASVS-2.2.1] is refused where %j is no number',
    (id) => {
      expect(() => decodeNumbered(made(NOW, id))).toThrow(expect.objectContaining({ code: 'invalid' }))
    },
  )
})
