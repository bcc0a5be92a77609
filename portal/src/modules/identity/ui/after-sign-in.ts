/** A path of this portal, never another site's. */
const WITHIN = /^\/(?![/\\])[\w\-./?=&%]*$/

/**
 * Goes on after a sign-in: to the page of the second factor where one is owed, else to `next`; null stays on the
 * page. The way back stands in the fragment, which browsers never send: it may be a secret link.
 */
export function goOn(owes: string | null, next: string | null): void {
  if (owes) location.assign(`/second-factor#${next ?? location.pathname}`)
  else if (next === null) location.reload()
  else location.assign(next)
}

/** Where the fragment of this page leads back to. */
export function wayBack(): string {
  const path = location.hash.slice(1)
  return WITHIN.test(path) ? path : '/videos'
}
