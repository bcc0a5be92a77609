import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanFilename, looksLikeMedia, secondsToNextLook, titleOf } from './rules.ts'

describe('file names', () => {
  it.each([
    ['match day.mp4', 'match day.mp4'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\coach\\Sprint 4.MOV', 'Sprint 4.MOV'],
    ['/', 'video'],
    ['..', 'video'],
    ['.mp4', 'mp4'],
    ['a\u0000b\r\nc.mp4', 'a b c.mp4'],
    ['invoice\u202Efdp.mp4', 'invoice fdp.mp4'],
    ['  spaced   out .mkv ', 'spaced out .mkv'],
    ['Cafe\u0301.mp4', 'Caf\u00E9.mp4'],
    ['\uD800broken.mp4', '\uFFFDbroken.mp4'],
    ['👩‍🏫 lesson.mp4', '👩‍🏫 lesson.mp4'],
  ])('%j becomes %j', (name, clean) => {
    expect(cleanFilename(name)).toBe(clean)
  })

  it('[MUX-07] [ASVS-1.3.3] are never paths, never empty, never too long for the database, and keep their extension', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.constantFrom('', '.mp4', '.mxf'),
        (name, extension) => {
          const clean = cleanFilename(name + extension)
          expect([...clean].length).toBeGreaterThan(0)
          expect([...clean].length).toBeLessThanOrEqual(255)
          expect(clean).not.toMatch(/[/\\\p{Cc}\u202A-\u202E]/u)
          expect(clean.isWellFormed()).toBe(true)
          if ([...name].length > 300 && !/[/\\]/.test(name)) expect(clean.endsWith(extension)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('give a title without their extension', () => {
    expect(titleOf('Sprint 4.final.mov')).toBe('Sprint 4.final')
    expect(titleOf('mp4')).toBe('mp4')
  })
})

describe('kinds of file', () => {
  it.each([
    ['video/mp4', 'a.mp4', true],
    ['video/quicktime; codecs=avc1', 'a', true],
    ['audio/wav', 'a.wav', true],
    ['application/mxf', 'a.mxf', true],
    ['', 'a.mkv', true],
    ['application/octet-stream', 'A.MXF', true],
    ['', 'a.pdf', false],
    ['application/octet-stream', 'a', false],
    ['image/gif', 'a.gif', false],
    ['application/pdf', 'a.mp4', false],
    ['text/html', 'video/mp4.html', false],
    ['video/mp4\r\nx: y', 'a.mp4', false],
  ])('[MUX-07] [ASVS-5.2.2] %j named %j: %s', (type, name, wanted) => {
    expect(looksLikeMedia(type, name)).toBe(wanted)
  })
})

it('looks again soon while a file is fresh, and at least every minute', () => {
  expect([0, 100, 600, 86_400].map((age) => secondsToNextLook(age, 'engine'))).toEqual([2, 5, 30, 60])
  expect(secondsToNextLook(0, 'mux')).toBe(15)
})
