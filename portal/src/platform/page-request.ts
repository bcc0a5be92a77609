/** Headers by which the server tells a page what Next doesn't: overwritten on each request, so that no client sets them. */
export const PAGE_PATH = 'x-portal-page'
export const PAGE_ADDRESS = 'x-portal-address'

const PLAIN = /^(?:[a-z][a-z-]{0,31}|[a-z]{2,4}_[1-9A-HJ-NP-Za-km-z]{10,24})$/

/** A page's path for the audit log: known words and IDs; whatever else somebody typed is left out. Pure. */
export function pageName(path: string | null): string {
  const segments = (path ?? '').split('/').filter((segment) => segment !== '')
  const told = segments.slice(0, 4).map((segment) => (PLAIN.test(segment) ? segment : '*'))
  return `/${told.join('/')}`
}
