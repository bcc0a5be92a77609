import type pg from 'pg'
import type { Log } from './log.ts'
import { createRecorder, type Telemetry } from './telemetry.ts'
import { writeDeltas } from './telemetry-store.ts'

export type TelemetryWriter = Telemetry & {
  /** Writes down what was counted so far. Never throws: what could not be written waits for the next time. */
  flush(): Promise<void>
}

/** Counts in memory and writes down on demand; `also` is told everything as it happens. */
export function collectTelemetry(options: {
  pool: pg.Pool
  clock: () => Date
  log: Log
  also?: Telemetry | undefined
  /** Metrics whose names begin so are not counted at all. */
  without?: string | undefined
}): TelemetryWriter {
  const { pool, clock, log, also, without } = options
  const counts = (metric: string) => without === undefined || !metric.startsWith(without)
  const recorder = createRecorder()
  let writing: Promise<void> = Promise.resolve()

  const write = async () => {
    const deltas = recorder.take()
    try {
      await writeDeltas(pool, deltas, clock())
    } catch (error) {
      recorder.giveBack(deltas)
      log.warn({ err: error, series: deltas.length }, 'metrics not written down; trying again')
    }
  }
  return {
    add(...args) {
      if (!counts(args[0])) return
      recorder.add(...args)
      also?.add(...args)
    },
    observe(...args) {
      if (!counts(args[0])) return
      recorder.observe(...args)
      also?.observe(...args)
    },
    set(...args) {
      if (!counts(args[0])) return
      recorder.set(...args)
      also?.set(...args)
    },
    flush() {
      writing = writing.then(write)
      return writing
    },
  }
}
