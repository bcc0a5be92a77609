import { RETENTION_DAYS, retentionOf } from '../rules.ts'

/** ALV-03, in days from an event's time. */
export const HOT_DAYS = 30
export const WARM_DAYS = 180
export const PLAYBACK_DAYS = RETENTION_DAYS.playback
/** Everything else, revocations among it, in whichever tier it lies. */
export const ARCHIVE_DAYS = RETENTION_DAYS.standard

/** Events of watching: they go before the others of their range. */
export function isPlayback(action: string | null): boolean {
  return action !== null && retentionOf(action) === 'playback'
}

/** Evidence of what was removed from the log: never removed itself. */
export function isSeal(action: string | null): boolean {
  return action === 'audit.seal'
}
