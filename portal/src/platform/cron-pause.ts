import { parseCronItems } from 'graphile-worker'

const LOOKED_AT_MINUTES = 35 * 1440
const MINUTE_MS = 60_000

/** The longest time between two runs of a cron line (UTC) over five weeks, in minutes. */
export function longestPauseMinutes(schedule: string): number {
  const [item] = parseCronItems([{ task: 'pause', match: schedule }])
  if (!item) return LOOKED_AT_MINUTES
  let last = 0
  let longest = 0
  for (let minute = 1; minute <= LOOKED_AT_MINUTES; minute += 1) {
    const at = new Date(minute * MINUTE_MS)
    const digest = {
      min: at.getUTCMinutes(),
      hour: at.getUTCHours(),
      date: at.getUTCDate(),
      month: at.getUTCMonth() + 1,
      dow: at.getUTCDay(),
    }
    if (!item.match(digest)) continue
    longest = Math.max(longest, minute - last)
    last = minute
  }
  return last === 0 ? LOOKED_AT_MINUTES : longest
}
