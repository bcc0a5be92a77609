import { expect, it } from 'vitest'
import { COMPARED_RATE, soundShifts } from './sound-shift.ts'

const noise = (seconds: number) => {
  let seed = 1
  return Int16Array.from({ length: seconds * COMPARED_RATE }, () => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return (seed >> 16) - 16_384
  })
}
const later = (sound: Int16Array, ms: number) => {
  const moved = new Int16Array(sound.length)
  const by = (ms * COMPARED_RATE) / 1000
  for (let i = 0; i < sound.length; i += 1) moved[i] = sound[i - by] ?? 0
  return moved
}

it.each([0, 12, -40, 250])('finds sound that is %i ms late, everywhere', (ms) => {
  const source = noise(9)
  const shifts = soundShifts(source, later(source, ms))
  expect(shifts).toHaveLength(3)
  for (const shift of shifts) expect(shift * 1000).toBeCloseTo(ms, 3)
})

it('says nothing of silence and of another sound', () => {
  expect(soundShifts(new Int16Array(80_000), new Int16Array(80_000))).toEqual([])
  expect(soundShifts(noise(2), new Int16Array(16_000))).toEqual([])
})

it('takes a steady tone as being in step', () => {
  const tone = Int16Array.from(
    { length: 24_000 },
    (_, n) => 9000 * Math.sin((2 * Math.PI * 440 * n) / COMPARED_RATE),
  )
  expect(soundShifts(tone, tone)).toEqual([0])
})
