import { type Logger, pino } from 'pino'

/** JSON lines on standard output. Upload, playback and token URLs are never logged, nor are bodies. */
export function createLog(level = 'info'): Logger {
  return pino({ name: 'engine', level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime })
}
