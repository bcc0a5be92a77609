import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findBrowser, findMedia } from './find-tools.mjs'

let folder
beforeAll(() => {
  folder = mkdtempSync('/tmp/mm tools-')
  for (const name of ['bin', 'other']) mkdirSync(join(folder, name))
  for (const name of [
    'bin/ffmpeg',
    'bin/ffprobe',
    'other/google-chrome',
    'other/ffmpeg-7',
    'other/ffprobe',
  ]) {
    writeFileSync(join(folder, name), '', { mode: 0o755 })
  }
  writeFileSync(join(folder, 'bin/chromium'), '', { mode: 0o644 })
  mkdirSync(join(folder, 'bin/chromium-browser'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('finds the programs of the PATH, also with spaces in it', () => {
  const env = { PATH: `${folder}/none:${folder}/bin:${folder}/other` }
  expect(findMedia(env)).toEqual({
    FFMPEG_PATH: `${folder}/bin/ffmpeg`,
    FFPROBE_PATH: `${folder}/bin/ffprobe`,
  })
  // A file that isn't executable and a folder are no programs.
  expect(findBrowser(env)).toEqual({ CHROMIUM_PATH: `${folder}/other/google-chrome` })
})

it('prefers what is set, with the ffprobe beside it', () => {
  const env = { PATH: `${folder}/bin`, FFMPEG_PATH: `${folder}/other/ffmpeg-7` }
  expect(findMedia(env)).toEqual({
    FFMPEG_PATH: `${folder}/other/ffmpeg-7`,
    FFPROBE_PATH: `${folder}/other/ffprobe`,
  })
})

it('says that a setting leads nowhere, and finds nothing where nothing is', () => {
  expect(() => findMedia({ PATH: '', FFMPEG_PATH: '/no/ffmpeg' })).toThrow('FFMPEG_PATH is /no/ffmpeg')
  expect(() => findBrowser({ PATH: '', CHROMIUM_PATH: '/no/chromium' })).toThrow(
    'CHROMIUM_PATH is /no/chromium',
  )
  expect(findMedia({ PATH: `${folder}/other` })).toBe(null)
})
