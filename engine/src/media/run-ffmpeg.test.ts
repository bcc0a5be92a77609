import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type FfmpegRun, runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'
import { limited } from '#engine/media/sandbox.ts'
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
    deadlineMs: 55_000,
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
  await expect(shell(script, { deadlineMs: 3000, fileBytes: 1000 })).rejects.toMatchObject({
    code: 'timeout',
  })
  const pids = (await readFile(note, 'utf8')).trim().split(' ').map(Number)
  expect(pids).toHaveLength(2)
  await vi.waitFor(() => expect(pids.some(alive)).toBe(false), 30_000)
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
  await expect(run([], { command: '/nowhere/ffmpeg' })).rejects.toThrow('cannot run /nowhere/ffmpeg')
})

it('[ASVS-1.2.5] does not hand the environment on', async () => {
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

it('[ASVS-1.2.5, ASVS-13.2.5] reads no playlist, script or network address', async () => {
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

const lines = async (script: string, changes: Partial<FfmpegRun> = {}) => {
  let words = ''
  const stdout = async (stream: NodeJS.ReadableStream) => {
    words = String(await buffer(stream))
  }
  await shell(script, { stdout, ...changes })
  return words.trim().split('\n')
}

it('[ASVS-1.4.1, ASVS-15.2.5] runs niced, in a folder of its own, with few files and no core', async () => {
  const [nice, cwd, files, core] = await lines('nice; pwd; ulimit -n; ulimit -c', {
    niceness: 7,
    cwd: folder,
  })
  // Beside what the tests themselves are niced by; 19 is the most there is.
  expect([nice, cwd, files, core]).toEqual([`${Math.min(19, getPriority() + 7)}`, folder, '256', '0'])
})

it('may write no file unless it is told how large one may be', async () => {
  const path = join(folder, 'out.raw')
  const raw = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:duration=4', '-f', 'rawvideo', '-y', path]
  for (const fileBytes of [undefined, 100_000]) {
    await expect(run(raw, { fileBytes })).rejects.toMatchObject({ code: 'hostile' })
    expect((await readFile(path).catch(() => Buffer.alloc(0))).length).toBeLessThanOrEqual(
      (fileBytes ?? 0) + 512,
    )
  }
  await run(raw, { fileBytes: 100_000_000 })
})

it('[ASVS-1.4.1] may take so much memory and no more, and says so', async () => {
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=4000x4000:rate=1:duration=1']
  const large = [...pictures, '-c:v', 'libx264', '-f', 'null', '-']
  await run(large)
  const error = await run(large, { memoryBytes: 300_000_000 }).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'hostile', message: expect.stringContaining('memory') })
})

it('[ASVS-15.2.2] may take so much processor time, whoever waits for it', async () => {
  const { file, args } = limited('/bin/sh', ['-c', 'while :; do :; done'], {
    ...{ memoryBytes: 1e9, cpuSeconds: 1, fileBytes: 0, niceness: 0 },
  })
  const { signal } = spawnSync(file, args, { timeout: 60_000 })
  expect(signal).toBe('SIGXCPU')
  const ended = shell('kill -XCPU $$', {})
  await expect(ended).rejects.toMatchObject({ code: 'hostile', message: expect.stringContaining('work') })
}, 70_000)

it('[ASVS-5.2.1] may give so many bytes, and be so long', async () => {
  const endlessly = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=64x64',
    '-progress',
    'pipe:1',
    '-stats_period',
    '0.05',
  ]
  const drain = async (stream: NodeJS.ReadableStream) => {
    for await (const _ of stream);
  }
  const raw = [...endlessly, '-f', 'rawvideo', 'pipe:3']
  const fat = run(raw, { outputs: [drain], outputBytes: 1_000_000 })
  await expect(fat).rejects.toMatchObject({ code: 'hostile' })
  await expect(run(raw, { outputs: [drain], mostSeconds: 3 })).rejects.toMatchObject({ code: 'too_long' })
})

it('[ASVS-5.2.6] decodes no picture beyond measure', async () => {
  const path = join(folder, 'giant.mkv')
  const giant = ['-f', 'lavfi', '-i', 'color=black:size=16384x8192:duration=0.04:rate=25']
  execFileSync(ffmpeg, ['-v', 'error', ...giant, '-c:v', 'png', '-y', path])
  const error = await run([...SAFE_INPUT, '-i', `file:${path}`, '-f', 'null', '-xerror', '-']).catch((e) => e)
  expect(error.stderr).toMatch(/exceeds specified max pixel count/)
})
