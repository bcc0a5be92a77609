import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PortalClient } from '../support/portal-client.ts'

const FOLDER = fileURLToPath(new URL('../../portal/src/app', import.meta.url))

/** Every page that Next serves, by its path: `/videos/[id]`. */
export function pagePaths(folder = FOLDER, path = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'page.tsx') return [path || '/']
    if (!entry.isDirectory()) return []
    return pagePaths(`${folder}/${entry.name}`, /^\(.*\)$/.test(entry.name) ? path : `${path}/${entry.name}`)
  })
}

export type Visitor = 'visitor' | 'guest' | 'agency' | 'other agency' | 'admin'
export const VISITORS: readonly Visitor[] = ['visitor', 'guest', 'agency', 'other agency', 'admin']

/** Whose objects the pages with an ID are asked for: all belong to `agency`. */
const OBJECT_PAGES: Readonly<Record<string, readonly Visitor[]>> = {
  '/videos/[id]': ['agency'],
  '/shares/[id]': ['agency', 'admin'],
}
const OPEN = [
  '/forgot-password',
  '/join',
  '/limits',
  '/privacy',
  '/reset-password',
  '/unsubscribe',
  '/verify',
]
const TEAM = ['/videos', '/uploads', '/shares', '/account/notifications']
const SIGNED_IN = ['/account', '/account/keys', '/account/security']
/** Where staff are told which group it takes: the page is there, and empty. */
const WITHOUT_GRANT = ['/admin/audit/events']

/** Who a page is for; null for one that nobody has declared yet. */
export function audienceOf(path: string): readonly Visitor[] | null {
  if (OBJECT_PAGES[path]) return OBJECT_PAGES[path]
  if (OPEN.includes(path)) return VISITORS
  if (TEAM.includes(path)) return ['agency', 'other agency', 'admin']
  if (SIGNED_IN.includes(path)) return ['guest', 'agency', 'other agency', 'admin']
  // Whoever is signed in is led on; whoever owes nothing, too.
  if (path === '/') return ['visitor']
  if (path === '/second-factor') return []
  if (WITHOUT_GRANT.includes(path)) return ['admin']
  return path.startsWith('/admin/') ? ['admin'] : null
}

export type PageCell = { path: string; who: Visitor; expected: boolean; actual: boolean; answer: string }

/** Opens every page as everybody; IDs by the page that wants one. */
export async function walkPages(
  clients: Record<Visitor, PortalClient>,
  ids: Record<string, string>,
): Promise<PageCell[]> {
  const cells: PageCell[] = []
  for (const path of pagePaths())
    for (const who of VISITORS) {
      const answer = await clients[who].send('GET', path.replace('[id]', ids[path] ?? ''))
      const text = await answer.text()
      cells.push({
        ...{ path, who, expected: audienceOf(path)?.includes(who) ?? false },
        ...{ actual: isShown(answer, text), answer: `${answer.status} ${answer.url}` },
      })
    }
  return cells
}

/** A page that streams says only in its text that there is nothing, or that it leads elsewhere. */
function isShown(answer: Response, text: string): boolean {
  return (
    answer.status === 200 &&
    !answer.redirected &&
    !/NEXT_HTTP_ERROR_FALLBACK|NEXT_REDIRECT|__next-page-redirect/.test(text)
  )
}
