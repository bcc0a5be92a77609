import { ApiError } from '#engine/platform/errors.ts'

const UNITS = { hours: 3600, days: 86_400, weeks: 604_800 } as const

/** The values of `timeframe[]`, however its brackets are written. */
function given(query: URLSearchParams): string[] {
  return [...query.entries()].flatMap(([name, value]) =>
    /^timeframe(\[\d*\])?$/.test(name) && value !== '' ? [value] : [],
  )
}

/** Two instants as unix seconds, or null where none are given. Throws 400 on anything else. */
export function readTimeframe(query: URLSearchParams): { from: Date; to: Date } | null {
  const values = given(query)
  if (values.length === 0) return null
  const [from, to] = values.map(readInstant)
  if (values.length !== 2 || !from || !to) {
    throw new ApiError(400, 'timeframe must be two Unix timestamps, timeframe[]=…&timeframe[]=…')
  }
  if (from >= to) throw new ApiError(400, 'timeframe must begin before it ends')
  return { from, to }
}

/** The same, or a duration such as `7:days` that ends now. */
export function readTimeframeOrDuration(query: URLSearchParams, now: Date): { from: Date; to: Date } | null {
  const values = given(query)
  const duration = /^(\d{1,5}):(hours?|days?|weeks?)$/.exec(values[0] ?? '')
  if (values.length === 1 && duration) {
    const unit = UNITS[`${duration[2]!.replace(/s$/, '')}s` as keyof typeof UNITS]
    return { from: new Date(now.getTime() - Number(duration[1]) * unit * 1000), to: now }
  }
  if (values.length === 1 || values.length > 2) {
    throw new ApiError(
      400,
      'timeframe must be either two Unix timestamps or a single duration string (e.g. `7:days`)',
    )
  }
  return readTimeframe(query)
}

function readInstant(text: string): Date | null {
  return /^\d{1,11}$/.test(text) ? new Date(Number(text) * 1000) : null
}
