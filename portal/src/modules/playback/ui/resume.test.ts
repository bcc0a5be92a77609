import { describe, expect, it } from 'vitest'
import { forgetPlaces, goOnAt, placeOf, readPlaces, writePlaces } from './resume.ts'

function shelf() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

describe('where somebody stopped', () => {
  it('is kept after a yes, and gone with it', () => {
    const device = shelf()
    expect(readPlaces(() => device)).toBeNull()
    expect(writePlaces(() => device, { a: { seconds: 61, at: 1 } })).toBe(true)
    expect(readPlaces(() => device)).toEqual({ a: { seconds: 61, at: 1 } })
    forgetPlaces(() => device)
    expect(device.kept.size).toBe(0)
  })

  it('keeps the newest two hundred', () => {
    const device = shelf()
    const many = Object.fromEntries(Array.from({ length: 205 }, (_, n) => [`p${n}`, { seconds: 9, at: n }]))
    writePlaces(() => device, many)
    const kept = readPlaces(() => device) ?? {}
    expect(Object.keys(kept)).toHaveLength(200)
    expect(kept.p4).toBeUndefined()
    expect(kept.p204).toBeDefined()
  })

  it('is nothing where the browser keeps nothing', () => {
    const refused = () => {
      throw new Error('denied')
    }
    expect(readPlaces(refused)).toBeNull()
    expect(writePlaces(refused, {})).toBe(false)
    expect(() => forgetPlaces(refused)).not.toThrow()
  })

  it('is no place to go on at the very beginning or end', () => {
    expect(goOnAt(undefined, 600)).toBeNull()
    expect(goOnAt(3, 600)).toBeNull()
    expect(goOnAt(595, 600)).toBeNull()
    expect(goOnAt(251, 600)).toBe(251)
    expect(goOnAt(251, null)).toBe(251)
  })

  it('[ASVS-14.3.3] is named by a digest that does not hold the link', async () => {
    const name = await placeOf('secret-token')
    expect(name).toMatch(/^[0-9a-f]{32}$/)
    expect(await placeOf('another-token')).not.toBe(name)
  })
})
