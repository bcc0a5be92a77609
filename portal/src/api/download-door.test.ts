import { expect, it } from 'vitest'
import { disposition } from './download-door.ts'

it('[ASVS-5.4.2] names a copy after a title of any characters, however long', () => {
  for (let letters = 110; letters <= 121; letters += 1) {
    const said = disposition(`${'a'.repeat(letters)}${'😀'.repeat(20)}`, 'highest.mp4')
    expect(said).toMatch(/^attachment; filename="a+_*\.mp4"; filename\*=UTF-8''a+(%F0%9F%98%80)*\.mp4$/)
  }
  expect(disposition('\u202e"/..\\x\r\nY: z', 'low.m4a')).toBe(
    `attachment; filename=".. x  Y  z.m4a"; filename*=UTF-8''..%20x%20%20Y%20%20z.m4a`,
  )
  expect(disposition('"', 'low.m4a')).toContain('filename="video.m4a"')
})
