export type NewsKind = 'first_view' | 'refusals' | 'expiry'
export type Delivery = 'soon' | 'daily' | 'off'

/** How each kind is told to whoever has not chosen. */
export const DEFAULT_DELIVERY: Record<NewsKind, Delivery> = {
  first_view: 'soon',
  refusals: 'soon',
  expiry: 'soon',
}

/** Refused attempts gather this long before they are told. */
export const BUNDLE_MS = 30 * 60_000
/** Single mails to one person a day; what is beyond waits for the digest. */
export const MOST_SINGLE_MAILS = 10

type News = { kind: NewsKind; happenedAt: Date }

/** What is to be done with one piece of news now. */
export function fateOf(
  news: News,
  delivery: Delivery,
  at: { now: Date; digest: boolean; mailedToday: number },
): 'mail' | 'drop' | 'wait' {
  if (delivery === 'off') return 'drop'
  if (at.digest) return 'mail'
  if (delivery === 'daily' || at.mailedToday >= MOST_SINGLE_MAILS) return 'wait'
  const bundling = news.kind === 'refusals' && at.now.getTime() - news.happenedAt.getTime() < BUNDLE_MS
  return bundling ? 'wait' : 'mail'
}
