import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type FfmpegRun, runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'
import { toolPaths } from '../../../tests/support/media-clips.ts'

let ffmpeg: string
let folder: string
beforeAll(async () => {
  ffmpeg = (await toolPaths()).ffmpegPath
  folder = await mkdtemp(join(tmpdir(), 'run-ffmpeg-'))
})
afterAll(() => rm(folder, { recursive: true }))

const run = (args: string[], changes: Partial<FfmpegRun> = {}) =>
  runFfmpeg({
    command: ffmpeg,
    args: ['-v', 'error', '-nostdin', ...args],
    signal: new AbortController().signal,
    deadlineMs: 20_000,
    niceness: 10,
    ...changes,
  })
const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-f', 'null', '-progress', 'pipe:1', '-']
const shell = (script: string, changes: Partial<FfmpegRun>) =>
  run([], { command: '/bin/sh', args: ['-c', script], ...changes })
const alive = (pid: number) => {
  try {
    return !/^\d+ \(.*\) Z/.test(execFileSync('cat', [`/proc/${pid}/stat`], { stdio: 'pipe' }).toString())
  } catch {
    return false
  }
}

it('gives each output its own pipe and reports progress', async () => {
  const sizes: number[] = []
  const read = (index: number) => async (stream: NodeJS.ReadableStream) => {
    sizes[index] = (await buffer(stream)).length
  }
  let frames = 0
  const raw = (pipe: number) => ['-frames:v', '3', '-f', 'rawvideo', '-pix_fmt', 'gray', `pipe:${pipe}`]
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=16x8']
  await run([...input, '-progress', 'pipe:1', ...raw(3), ...raw(4)], {
    outputs: [read(0), read(1)],
    onProgress: (progress) => {
      frames = progress.frames
    },
  })
  expect(sizes).toEqual([384, 384])
  expect(frames).toBe(3)
})

it('ends the whole process group at the deadline', async () => {
  const note = join(folder, 'pids')
  const script = `sleep 60 & echo $$ $! > ${note}; wait`
  await expect(shell(script, { deadlineMs: 300 })).rejects.toMatchObject({ code: 'timeout' })
  const pids = (await readFile(note, 'utf8')).trim().split(' ').map(Number)
  expect(pids).toHaveLength(2)
  await vi.waitFor(() => expect(pids.some(alive)).toBe(false))
})

it('ends on abort with the reason given', async () => {
  const stop = new AbortController()
  const running = run(endless, { signal: stop.signal, onProgress: () => stop.abort(new Error('deleted')) })
  await expect(running).rejects.toThrow('deleted')
  await expect(run(endless, { signal: stop.signal })).rejects.toThrow('deleted')
})

it('ends what makes no progress', async () => {
  const hung = shell('sleep 60', { stallMs: 200 })
  await expect(hung).rejects.toMatchObject({ code: 'timeout' })
})

it('ends when a reader fails, and passes its error on', async () => {
  const fail = async () => {
    throw new Error('disk full')
  }
  await expect(shell('yes >&3', { outputs: [fail] })).rejects.toThrow('disk full')
})

it('keeps the last words on standard error, bounded', async () => {
  const script = 'yes aaaaaaaaaaaaaaa | head -c 1000000 >&2; echo the end >&2; exit 3'
  const error = await shell(script, {}).catch((thrown) => thrown)
  expect(error).toMatchObject({ name: 'FfmpegFailure', message: 'ffmpeg ended with status 3' })
  expect(error.stderr).toMatch(/the end\n$/)
  expect(error.stderr.length).toBeLessThanOrEqual(16_384)
})

it('says which program is missing', async () => {
  await expect(run([], { command: '/nowhere/ffmpeg' })).rejects.toThrow('ENOENT')
})

it('does not hand the environment on', async () => {
  vi.stubEnv('SECRET_OF_THE_ENGINE', 'hush')
  let words = ''
  const stdout = async (stream: NodeJS.ReadableStream) => {
    words = String(await buffer(stream))
  }
  await run([], { command: '/usr/bin/env', args: [], stdout })
  vi.unstubAllEnvs()
  expect(words).toContain('LC_ALL=C')
  expect(words).not.toContain('SECRET_OF_THE_ENGINE')
})

it('reads no playlist, script or network address', async () => {
  const secret = join(folder, 'secret.txt')
  await writeFile(secret, 'secret')
  const traps = {
    'list.ffconcat': `ffconcat version 1.0\nfile '${secret}'\n`,
    'list.m3u8': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${secret}\n#EXT-X-ENDLIST\n`,
    'session.sdp': 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n',
  }
  for (const [name, content] of Object.entries(traps)) {
    const path = join(folder, name)
    await writeFile(path, content)
    const error = await run([...SAFE_INPUT, '-i', `file:${path}`, '-f', 'null', '-']).catch(
      (thrown) => thrown,
    )
    expect(error.stderr, name).toMatch(/not on whitelist|Invalid data/)
  }
  const network = await run([...SAFE_INPUT, '-i', 'http://127.0.0.1:9/x.mp4', '-f', 'null', '-']).catch(
    (e) => e,
  )
  expect(network.stderr).toMatch(/not on whitelist/)
})
