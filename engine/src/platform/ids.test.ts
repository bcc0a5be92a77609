import { expect, it } from 'vitest'
import { newId, newPlaybackId } from './ids.ts'

it('makes ids of the length asked for, from digits and letters', () => {
  for (const length of [1, 12, 40, 200]) expect(newId(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`))
  expect(newPlaybackId()).toMatch(/^[0-9A-Za-z]{44}$/)
})

it('uses each character about as often as any other', () => {
  const counts = new Map<string, number>()
  for (const character of newId(124_000)) counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(62)
  // 2,000 expected; 300 is more than six standard deviations.
  for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(300)
})
