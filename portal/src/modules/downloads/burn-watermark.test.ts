import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { burnWatermark } from './burn-watermark.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burn-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('[ASVS-1.2.5, ASVS-15.2.5] hands none of its environment on, and bounds what ffmpeg may take', async () => {
  const ffmpegPath = join(folder, 'ffmpeg')
  await writeFile(ffmpegPath, '#!/bin/sh\n{ env; ulimit -a; nice; } > seen.txt\n')
  await chmod(ffmpegPath, 0o700)
  process.env.SECRET_OF_A_TEST = 'not for ffmpeg'
  const { signal } = new AbortController()
  await burnWatermark({ ffmpegPath, folder, text: 'x', durationSeconds: 1, signal, onProgress: () => {} })
  delete process.env.SECRET_OF_A_TEST
  const seen = await readFile(join(folder, 'seen.txt'), 'utf8')
  expect(seen).toContain('LC_ALL=C')
  expect(seen).not.toMatch(/SECRET_OF_A_TEST|HOME=/)
  expect(seen).toMatch(/data.*4194304/)
  expect(seen).toMatch(/files.* 256/)
})
