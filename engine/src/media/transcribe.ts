import { spawn } from 'node:child_process'
import os from 'node:os'

export type TranscribeRun = {
  /** Absolute path of the program. It gets the WAV's path and the language, and writes WebVTT to standard output. */
  command: string
  wavPath: string
  /** BCP 47, or 'auto': then the WebVTT's header may tell it (`Language: de`). */
  languageCode: string
  workFolder: string
  mostBytes: number
  deadlineMs: number
  signal: AbortSignal
}

const PATH = '/usr/local/bin:/usr/bin:/bin'
const STDERR_CHARACTERS = 2000

/** The program failed; its last words are for the log. */
export class TranscribeFailure extends Error {
  override readonly name = 'TranscribeFailure'
}

/**
 * Runs a speech recogniser of the operator's choice in a process group of its own, niced, with nothing of the engine's
 * environment. It is ended at the deadline, on abort, and when it writes too much.
 */
export async function transcribe(run: TranscribeRun): Promise<Buffer> {
  run.signal.throwIfAborted()
  const child = spawn(run.command, [run.wavPath, run.languageCode], {
    cwd: run.workFolder,
    env: { PATH, LC_ALL: 'C.UTF-8', TMPDIR: run.workFolder, HOME: run.workFolder } as never,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let failure: Error | null = null
  const end = (error: Error) => {
    failure ??= error
    if (child.pid) killGroup(child.pid)
  }
  const timer = setTimeout(() => end(new TranscribeFailure('it took too long')), run.deadlineMs)
  const abort = () => end(run.signal.reason as Error)
  run.signal.addEventListener('abort', abort, { once: true })
  if (child.pid) lowerPriority(child.pid)
  const written: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > run.mostBytes) end(new TranscribeFailure('it wrote too much'))
    else written.push(chunk)
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-STDERR_CHARACTERS)
  })
  try {
    const status = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(code === 0 ? '' : (signal ?? `status ${code}`)))
    })
    if (failure) throw failure
    if (status) throw new TranscribeFailure(`it ended with ${status}: ${words}`)
    return Buffer.concat(written)
  } finally {
    clearTimeout(timer)
    run.signal.removeEventListener('abort', abort)
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Already gone.
  }
}

function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, 15)
  } catch {
    // It ended before this line: slower for others, not wrong.
  }
}
