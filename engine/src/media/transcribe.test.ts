import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { transcribe } from './transcribe.ts'

let workFolder: string
beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), 'transcribe-'))
})
afterAll(() => rm(workFolder, { recursive: true, force: true }))

async function run(
  script: string,
  limits: { deadlineMs?: number; mostBytes?: number; signal?: AbortSignal } = {},
) {
  const command = join(workFolder, 'program')
  await writeFile(command, `#!/bin/sh\n${script}\n`)
  await chmod(command, 0o700)
  const place = { command, wavPath: '/some/sound.wav', languageCode: 'de', workFolder }
  const given = { deadlineMs: 20_000, mostBytes: 1000, signal: new AbortController().signal, ...limits }
  return (await transcribe({ ...place, ...given })).toString()
}

it('[ASVS-13.3.2] gets the sound and its language, and none of the engine’s environment', async () => {
  process.env.ENGINE_SESSION_SECRET = 'a secret of this test'
  expect(await run('echo "$1 $2 [$ENGINE_SESSION_SECRET] $(pwd)"')).toBe(
    `/some/sound.wav de [] ${workFolder}\n`,
  )
  delete process.env.ENGINE_SESSION_SECRET
})
it('is told apart by its status, with its last words', async () => {
  await expect(run('echo out; echo no model >&2; exit 3')).rejects.toThrow('it ended with status 3: no model')
  await expect(
    transcribe({
      ...{ command: join(workFolder, 'missing'), wavPath: '', languageCode: 'de', workFolder },
      ...{ mostBytes: 1, deadlineMs: 1000, signal: new AbortController().signal },
    }),
  ).rejects.toThrow('ENOENT')
})
it('ends at the deadline, on abort and when it writes too much, with all that it started', async () => {
  await expect(run('sleep 60 & sleep 60', { deadlineMs: 100 })).rejects.toThrow('it took too long')
  await expect(run('sleep 60', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/)
  await expect(run('yes')).rejects.toThrow('it wrote too much')
})
