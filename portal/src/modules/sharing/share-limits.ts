import type { ShareLimits } from './inputs.ts'

const ACCESS = ['link', 'email', 'account'] as const

/** Where administrators have set nothing. */
export const DEFAULT_LIMITS: ShareLimits = {
  lifeDays: 7,
  mostLifeDays: 90,
  leastAccess: 'link',
  passwordForLinks: false,
  mostViews: null,
  watermark: false,
}

/** What a new share wants, as far as limits speak of it. */
export type Wanted = {
  access: (typeof ACCESS)[number]
  lifeMs: number
  password: boolean
  maxViews: number | null
  watermark: boolean
}

export const ASKS = ['life', 'access', 'password', 'views', 'watermark'] as const
export type Ask = (typeof ASKS)[number]

const DAY_MS = 86_400_000
// The browser's clock and ours differ.
const GRACE_MS = 60_000

/** Which limits a share goes beyond; none: it may be made at once. */
export function beyondLimits(limits: ShareLimits, wanted: Wanted): Ask[] {
  const beyond: Record<Ask, boolean> = {
    life: wanted.lifeMs > limits.lifeDays * DAY_MS + GRACE_MS,
    access: ACCESS.indexOf(wanted.access) < ACCESS.indexOf(limits.leastAccess),
    password: limits.passwordForLinks && wanted.access === 'link' && !wanted.password,
    views: limits.mostViews !== null && (wanted.maxViews ?? Number.POSITIVE_INFINITY) > limits.mostViews,
    watermark: limits.watermark && !wanted.watermark,
  }
  return ASKS.filter((ask) => beyond[ask])
}

/** Whether a life is longer than anybody may agree to. */
export const isTooLong = (limits: ShareLimits, lifeMs: number) =>
  lifeMs > Math.max(limits.mostLifeDays, limits.lifeDays) * DAY_MS + GRACE_MS

/** What a new share may be without asking anybody, as a sentence for those who set it. */
export function limitsInWords(limits: ShareLimits): string {
  const { lifeDays, mostLifeDays, leastAccess, mostViews } = limits
  const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)
  const needs = [
    leastAccess === 'account' ? 'asks for an account' : '',
    leastAccess === 'email' ? 'asks for a verified address' : '',
    limits.passwordForLinks && leastAccess === 'link'
      ? 'has a password where anyone with the link may watch'
      : '',
    mostViews === null ? '' : `allows at most ${mostViews === 1 ? '1 view' : `${mostViews} views`}`,
    limits.watermark ? 'shows a watermark' : '',
  ].filter(Boolean)
  const all = [`lives at most ${days(lifeDays)}`, ...needs]
  const listed = all.length === 1 ? all[0] : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
  const most = Math.max(lifeDays, mostLifeDays)
  const beyond =
    most > lifeDays
      ? `; up to ${days(most)} and anything else with a second person`
      : '; anything else with a second person, but no longer life'
  return `A new link needs nobody’s leave if it ${listed}${beyond}.`
}

const WORDS: Record<Ask, (limits: ShareLimits) => string> = {
  life: ({ lifeDays }) => `lives longer than ${lifeDays} days`,
  access: ({ leastAccess }) =>
    leastAccess === 'account' ? 'asks for no account' : 'asks for no verified address',
  password: () => 'is open to anyone with the link and has no password',
  views: ({ mostViews }) => `allows more than ${mostViews} views`,
  watermark: () => 'shows no watermark',
}

/** "lives longer than 7 days and shows no watermark" */
export const asksInWords = (limits: ShareLimits, asks: Ask[]) =>
  asks.map((ask) => WORDS[ask](limits)).join(' and ')
