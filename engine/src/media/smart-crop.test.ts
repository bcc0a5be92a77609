import { describe, expect, it } from 'vitest'
import { detailedCrop } from '#engine/media/smart-crop.ts'

/** Black, but for a chequered square of ten pixels. */
function square(width: number, height: number, left: number, top: number) {
  const pixels = new Uint8Array(width * height)
  for (let y = top; y < top + 10; y += 1)
    for (let x = left; x < left + 10; x += 1) pixels[y * width + x] = (x + y) % 2 ? 255 : 0
  return { pixels, width, height }
}

describe('a crop', () => {
  it.each([
    ['left', 0, 0],
    ['right', 86, 1],
  ])('goes where the detail is: %s', (_, left, x) => {
    const crop = detailedCrop(square(96, 54, left, 20), 1)
    expect(crop.y).toBe(0.5)
    // The square lies wholly within the window.
    const from = crop.x * (96 - 54)
    expect(left >= from - 1 && left + 10 <= from + 55).toBe(true)
    expect(Math.abs(crop.x - x)).toBeLessThan(0.5)
  })

  it('goes up and down where the height is cut', () => {
    const crop = detailedCrop(square(54, 96, 20, 86), 1)
    expect(crop.x).toBe(0.5)
    expect(crop.y).toBeGreaterThan(0.8)
  })

  it('takes the middle of what is even, and of what is not cut', () => {
    expect(detailedCrop({ pixels: new Uint8Array(96 * 54), width: 96, height: 54 }, 1)).toEqual({
      x: 0.5,
      y: 0.5,
    })
    expect(detailedCrop(square(96, 54, 0, 0), 96 / 54)).toEqual({ x: 0.5, y: 0.5 })
  })
})
