import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MediaError } from '#engine/media/media-error.ts'
import { limited, MEMORY_BYTES } from '#engine/media/sandbox.ts'

export type Progress = {
  /** Position reached in the output, seconds. */
  seconds: number
  frames: number
}

export type FfmpegRun = {
  /** Path of ffmpeg or ffprobe. */
  command: string
  args: string[]
  signal: AbortSignal
  /** The whole run may take this long. */
  deadlineMs: number
  /** Without any progress for this long the run counts as hung. Needs `-progress pipe:1`. */
  stallMs?: number
  /** 0 (as the engine itself) to 19 (only when nobody else wants the processor). */
  niceness: number
  /** Where it runs; the system's folder for temporary files if not given. */
  cwd?: string
  /** Bytes of any one file it may write: none if not given. */
  fileBytes?: number
  /** Bytes of memory; enough for the tallest ladder if not given. */
  memoryBytes?: number
  /** Bytes that all outputs together may have. */
  outputBytes?: number
  /** The output may not become longer than this, whatever the source says of its length. Needs `-progress pipe:1`. */
  mostSeconds?: number
  /** What to write to standard input. */
  input?: AsyncIterable<Buffer>
  /** One reader each for standard output (unless `onProgress` takes it) and pipe:3, pipe:4, … */
  outputs?: ((stream: Readable) => Promise<void>)[]
  stdout?: (stream: Readable) => Promise<void>
  onProgress?: (progress: Progress) => void
}

/** ffmpeg ended with a status other than 0; `stderr` holds its last words. */
export class FfmpegFailure extends Error {
  readonly stderr: string
  /** By which it was ended, else null. */
  readonly signal: NodeJS.Signals | null

  constructor(code: number | null, signal: NodeJS.Signals | null, stderr: string) {
    super(`ffmpeg ended with ${signal ?? `status ${code}`}`)
    this.name = 'FfmpegFailure'
    this.stderr = stderr
    this.signal = signal
  }
}

/** Timers that are set to more fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
const STDERR_BYTES = 16_384
const OUTPUT_BYTES = 1024 ** 4
const TOO_MUCH = 'This file grows beyond measure when it is processed.'
const LONGER_THAN_SAID = 'This file is far longer than it says, and longer than the limit.'

/**
 * Runs ffmpeg or ffprobe in a process group of its own and resolves with what it wrote to standard error
 * (the last 16 KiB). The group is killed on abort, at the deadline, on a stall and when a reader fails. The run
 * is niced, and limited in memory, processor time, files and output; a limit that a file reaches is a MediaError.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<string> {
  run.signal.throwIfAborted()
  const readers = run.outputs ?? []
  // Detached: a group of its own, so that one signal reaches it and whatever it started. No inherited
  // environment: the engine's holds secrets.
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...readers.map(() => 'pipe' as const)]
  const env = { LC_ALL: 'C' } as unknown as NodeJS.ProcessEnv
  const cpuSeconds = (run.deadlineMs / 1000) * availableParallelism()
  const { memoryBytes = MEMORY_BYTES, fileBytes = 0, niceness } = run
  const { file, args } = limited(run.command, run.args, { memoryBytes, fileBytes, cpuSeconds, niceness })
  const child = spawn(file, args, { stdio, detached: true, env, cwd: run.cwd ?? tmpdir() })
  const watch = watchOver(child, run)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const stderr = tailOf(child.stderr!)
  const work = [
    feed(child, run.input),
    ...(run.stdout
      ? [run.stdout(child.stdout!)]
      : [readProgress(child.stdout!, watch.advanced, watch.progressed)]),
    ...readers.map((read, index) => read(child.stdio[index + 3] as Readable)),
  ].map((task) => task.catch((error) => watch.fail(error)))
  try {
    const status = await ended.catch((error) => watch.fail(error))
    await Promise.all(work)
    if (watch.failure) throw watch.failure
    if (status && status.code !== 0) throw failureOf(run.command, status, stderr())
    return stderr()
  } finally {
    watch.end()
  }
}

// 8192 × 8192, and one such picture of 16-bit RGB.
const MOST_PIXELS = 67_108_864
const LARGEST_ALLOCATION = 536_870_912

/** No picture and no single allocation beyond measure; only local files and pipes; only containers that hold media themselves (no playlists, scripts, images). */
export const SAFE_INPUT = [
  ...['-max_alloc', String(LARGEST_ALLOCATION), '-max_pixels', String(MOST_PIXELS)],
  ...['-protocol_whitelist', 'file,pipe'],
  '-format_whitelist',
  [
    ...[
      'mov',
      'mp4',
      'm4a',
      '3gp',
      '3g2',
      'mj2',
      'mov,mp4,m4a,3gp,3g2,mj2',
      'matroska',
      'webm',
      'matroska,webm',
    ],
    ...['avi', 'mpegts', 'mpeg', 'mpegvideo', 'flv', 'asf', 'ogg', 'wav', 'w64', 'aiff', 'mp3', 'aac', 'ac3'],
    ...['eac3', 'flac', 'mxf', 'dv', 'h264', 'hevc', 'obu', 'ivf', 'rm', 'nut', 'gif', 'caf', 'amr', 'm4v'],
    ...[
      'opus',
      'wv',
      'ape',
      'tta',
      'au',
      'dts',
      'truehd',
      'wtv',
      'gxf',
      'vc1',
      'yuv4mpegpipe',
      'apng',
      'av1',
    ],
    ...['h263', 'mjpeg', 'nsv', 'dirac', 'cavsvideo', 'loas', 'voc', 'dsf'],
  ].join(','),
]

/**
 * SAFE_INPUT for ffmpeg, with one zero for every run over a file: the beginning of all its tracks. Without an offset
 * ffmpeg moves the zero of transport streams to the first of the tracks that a run uses; a microsecond prevents it.
 */
export const SAFE_SOURCE = [...SAFE_INPUT, '-itsoffset', '0.000001']

// What libav says when an allocation is refused, by the limit or by `-max_alloc`.
const NO_MEMORY =
  /cannot allocate memory|resource temporarily unavailable|malloc of size \d+ failed|std::bad_alloc/i

function failureOf(
  command: string,
  { code, signal }: { code: number | null; signal: NodeJS.Signals | null },
  stderr: string,
): Error {
  if (signal === 'SIGXCPU')
    return new MediaError('hostile', 'This file takes far more work to read than a video should.', stderr)
  if (signal === 'SIGXFSZ') return new MediaError('hostile', TOO_MUCH, stderr)
  if (NO_MEMORY.test(stderr))
    return new MediaError('hostile', 'This file needs more memory to read than a video should.', stderr)
  // The shell's own words, where it cannot become the program.
  if (code === 126 || code === 127) return new Error(`cannot run ${command}: ${stderr.trim()}`)
  return new FfmpegFailure(code, signal, stderr)
}

function watchOver(child: ChildProcess, run: FfmpegRun) {
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    kill(child)
  }
  const tooSlow = () => new MediaError('timeout', 'This file took too long to process.', run.args.join(' '))
  const abort = () => fail(run.signal.reason)
  const deadline = setTimeout(() => fail(tooSlow()), Math.min(run.deadlineMs, LONGEST_TIMER_MS))
  const stall = run.stallMs ? setTimeout(() => fail(tooSlow()), run.stallMs) : undefined
  run.signal.addEventListener('abort', abort, { once: true })
  return {
    fail,
    advanced: () => stall?.refresh(),
    progressed(progress: Progress) {
      const bytes = child.stdio.reduce((sum, stream) => sum + ((stream as Socket | null)?.bytesRead ?? 0), 0)
      const { outputBytes = OUTPUT_BYTES, mostSeconds = Number.POSITIVE_INFINITY } = run
      if (bytes > outputBytes) fail(new MediaError('hostile', TOO_MUCH, `${bytes} bytes of output`))
      else if (progress.seconds > mostSeconds) fail(new MediaError('too_long', LONGER_THAN_SAID))
      else run.onProgress?.(progress)
    },
    get failure() {
      return failure
    },
    end() {
      clearTimeout(deadline)
      clearTimeout(stall)
      run.signal.removeEventListener('abort', abort)
    },
  }
}

function kill(child: ChildProcess): void {
  if (child.pid) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Already gone.
    }
  }
  // A reader that waits for bytes must not outlive the writer.
  for (const stream of child.stdio) stream?.destroy()
}

async function feed(child: ChildProcess, input: AsyncIterable<Buffer> | undefined): Promise<void> {
  if (!input) {
    child.stdin!.on('error', () => {}).end()
    return
  }
  await pipeline(input, child.stdin!).catch((error: NodeJS.ErrnoException) => {
    // It may have read all it needs, or died: then its status tells.
    if (!['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? '')) throw error
  })
}

function tailOf(stream: Readable): () => string {
  let tail = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk])
    if (tail.length > STDERR_BYTES) tail = Buffer.from(tail.subarray(tail.length - STDERR_BYTES))
  })
  stream.on('error', () => {})
  return () => tail.toString('utf8')
}

// `-progress` writes key=value lines; `progress=` ends each block.
async function readProgress(stream: Readable, advanced: () => void, report: (progress: Progress) => void) {
  let rest = ''
  let last = ''
  const now: Progress = { seconds: 0, frames: 0 }
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!.slice(-1000)
    for (const line of lines) {
      const [key, value] = line.split('=', 2)
      if (key === 'out_time_us' && Number(value) > 0) now.seconds = Number(value) / 1e6
      if (key === 'frame') now.frames = Number(value)
      if (key === 'progress') {
        const state = `${now.seconds} ${now.frames}`
        if (state !== last) advanced()
        last = state
        report({ ...now })
      }
    }
  }
}
