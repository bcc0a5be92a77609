import type { ServerResponse } from 'node:http'
import { PlaybackError } from '#engine/delivery/answers.ts'

/** Answers under way, bounded in number and in time, so that readers who stand still cost little and not for long. */
export type OpenAnswers = {
  /** Counts an answer until its connection is done with it; once. False where too many are under way. */
  begin(res: ServerResponse): boolean
  /** Says how many bytes an answer has, which gives it time, and what to call when it is over, however it ends. */
  send(res: ServerResponse, bytes: number, release: () => void): void
  /** The same for one that reads from storage all the while. Throws 503 where too many do. */
  stream(res: ServerResponse, bytes: number): void
  count(): number
  stop(): void
}

export type AnswerLimits = {
  /** Answers at the same time. */
  answers: number
  /** Of these, those that stream from storage: each holds a file or a connection, and up to 256 KiB. */
  streams: number
  /** A reader that takes no byte for so long is ended. */
  stallMs: number
  /** Time for any answer; beyond it, bytes a second that a reader must take on average. */
  leastMs: number
  leastRate: number
}

const DEFAULTS: AnswerLimits = {
  answers: 10_000,
  streams: 500,
  stallMs: 20_000,
  leastMs: 60_000,
  leastRate: 16 * 1024,
}
const SWEEP_MS = 5000

type Answer = { deadline: number; release: (() => void) | null }

export function createOpenAnswers(given: Partial<AnswerLimits> = {}): OpenAnswers {
  const limits = { ...DEFAULTS, ...given }
  const open = new Map<ServerResponse, Answer>()
  let streams = 0
  const sweep = () => {
    const now = performance.now()
    for (const [res, { deadline }] of open) if (deadline < now) res.destroy()
  }
  const timer = setInterval(sweep, Math.min(SWEEP_MS, limits.leastMs))
  timer.unref()
  const send = (res: ServerResponse, bytes: number, release: () => void) => {
    const answer = open.get(res)
    // Its reader went away while it was made ready.
    if (!answer) return release()
    answer.deadline += (bytes / limits.leastRate) * 1000
    answer.release = release
  }
  return {
    begin(res) {
      if (open.has(res)) return true
      if (open.size >= limits.answers) return false
      const answer: Answer = { deadline: performance.now() + limits.leastMs, release: null }
      open.set(res, answer)
      // Counted from the last byte taken; node:http ends the connection, and takes the time off between answers.
      res.socket?.setTimeout(limits.stallMs)
      res.once('close', () => {
        open.delete(res)
        answer.release?.()
      })
      return true
    },
    send,
    stream(res, bytes) {
      if (streams >= limits.streams) throw new PlaybackError(503)
      streams += 1
      send(res, bytes, () => {
        streams -= 1
      })
    },
    count: () => open.size,
    stop: () => clearInterval(timer),
  }
}
