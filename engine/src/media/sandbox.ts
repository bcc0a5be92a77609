import { availableParallelism } from 'node:os'

/** What one run of ffmpeg may take. The system enforces it, also when the engine that started it is gone. */
export type Limits = {
  /** Bytes of memory: decoders and encoders keep some frames for each processor. */
  memoryBytes: number
  /** Seconds of processor time, over all threads. */
  cpuSeconds: number
  /** Bytes of any file written; results go through pipes, so most runs may write none. */
  fileBytes: number
  /** 0 (as the engine itself) to 19 (only when nobody else wants the processor). */
  niceness: number
}

const GIB = 1024 ** 3
const OPEN_FILES = 256
// A 4K ladder of nine renditions was seen to take 2.5 GiB with two processors.
export const MEMORY_BYTES = 4 * GIB + (availableParallelism() * GIB) / 4
// From SIGXCPU, which tells the cause, to SIGKILL.
const GRACE_SECONDS = 5

/**
 * A command line that takes the limits upon itself and then becomes the program: one process, the same pipes.
 * RLIMIT_DATA and not RLIMIT_AS, as allocators reserve far more addresses than they use. A system that does not
 * know a limit (macOS and memory) goes without it.
 */
export function limited(command: string, args: string[], limits: Limits): { file: string; args: string[] } {
  const { memoryBytes, cpuSeconds, fileBytes, niceness } = limits
  const seconds = Math.ceil(cpuSeconds)
  const ulimits = [
    '-c 0',
    `-d ${Math.ceil(memoryBytes / 1024)}`,
    `-n ${OPEN_FILES}`,
    // Counted in blocks of 512 bytes.
    `-f ${Math.ceil(fileBytes / 512)}`,
    `-S -t ${seconds}`,
    `-H -t ${seconds + GRACE_SECONDS}`,
  ]
  const script = [
    ...ulimits.map((limit) => `ulimit ${limit} 2>/dev/null`),
    `exec nice -n ${niceness} "$0" "$@"`,
  ]
  return { file: '/bin/sh', args: ['-c', script.join('\n'), command, ...args] }
}
