import type { IncomingMessage } from 'node:http'
import { parseAndValidateFlightRouterState } from 'next/dist/server/app-render/parse-and-validate-flight-router-state.js'

/** Where no page is: Next answers it as every address that it doesn't know. */
const NOWHERE = '/_not-found'

/** What Next's own scripts say of a navigation, and in which form. */
const NAVIGATION: Readonly<Record<string, (value: string) => boolean>> = {
  rsc: (value) => value === '1',
  'next-router-prefetch': (value) => /^[12]$/.test(value),
  'next-router-segment-prefetch': (value) => value.startsWith('/') && canDecode(value),
  'next-router-state-tree': isStateTree,
  'next-url': (value) => /^\/(?![/\\])/.test(value) && canDecode(value),
}
/** Of a page's tree, which has some ten: Next's judgement takes a time that grows with their square, half a second in 15 kB. */
const MOST_PARTS = 50
/** What Next and its hosts tell themselves, and what only a development server answers: never a browser's to say. */
const INTERNAL = /^(next-|x-(next|nextjs|middleware|invoke|now|matched|prerender|action|rsc|vercel)-)/

/**
 * Takes off a request for a page what Next would fail at or take for its own: headers of a navigation that no script of Next's
 * sends, headers between Next and its hosts, and a path that can't be decoded. What is left is answered as if it had never
 * been there: the whole page in place of a part, or the page that says that nothing is here.
 */
export function settlePageRequest(req: Pick<IncomingMessage, 'url' | 'headers'>): void {
  for (const [name, value] of Object.entries(req.headers)) {
    const isOfNavigation = NAVIGATION[name]
    const isRight = isOfNavigation ? isOfNavigation(String(value)) : !INTERNAL.test(name)
    if (!isRight) delete req.headers[name]
  }
  if (!canDecode((req.url ?? '/').split('?', 1)[0] as string)) req.url = NOWHERE
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** By Next's own judgement, which is an error of its server later on. */
function isStateTree(value: string): boolean {
  try {
    if (decodeURIComponent(value).split('[').length > MOST_PARTS) return false
    parseAndValidateFlightRouterState(value)
    return true
  } catch {
    return false
  }
}
