import { pagePaths } from '../matrix/pages.ts'
import type { PortalClient } from '../support/portal-client.ts'
import type { UploadPlace } from '../support/send-upload.ts'
import { exampleOf, type OpenApi } from './signed-in-portal.ts'

/** What never ends, or is one large file. */
const LEFT_OUT = /export|stream|events|found|\.csv|\/file$|evidence/

/** Something to walk through, by the addresses that show it: a video without bytes and a link to it. */
export async function fillPortal(client: PortalClient): Promise<Record<string, string>> {
  const file = { filename: 'crawl.mp4', contentType: 'video/mp4', size: 1000, title: 'To be crawled' }
  const { id, videoId } = await client.call<UploadPlace>('POST', '/api/uploads', file)
  const share = await client.call<{ id: string; token: string }>('POST', `/api/videos/${videoId}/shares`, {
    access: 'email',
  })
  return {
    '/api/uploads/{id}': id,
    '/api/videos/{id}': videoId,
    '/api/shares/{id}': share.id,
    '/api/share/{link}': share.token,
    '/videos/[id]': videoId,
    '/shares/[id]': share.id,
    '/s/[link]': share.token,
  }
}

/** An address that a walk begins at; `shown`: it answers 200 to who is signed in. */
export type Start = { path: string; shown: boolean }

/** Every page, with an ID that it shows something for. */
function pages(known: Record<string, string>): string[] {
  return [...pagePaths(), '/s/[link]'].map((path) => path.replace(/\[\w+\]/, known[path] ?? 'a'))
}

type Ask = (path: string) => Promise<number>

/** Every page and every address of the API that may be read, and which of them are shown to who asks. */
export async function crawlStarts(
  document: OpenApi,
  known: Record<string, string>,
  ask: Ask,
): Promise<Start[]> {
  const starts: Start[] = []
  for (const path of [...pages(known), ...(await apiAddresses(document, known, ask))])
    starts.push({ path, shown: (await ask(path)) === 200 })
  return starts
}

/**
 * Every address that may be read, as it answers best: with those parameters whose example is taken, and apart from these
 * with all that are not. A value that is refused hides whatever stands behind its neighbours.
 */
async function apiAddresses(document: OpenApi, known: Record<string, string>, ask: Ask): Promise<string[]> {
  const starts: string[] = []
  for (const [path, { get }] of Object.entries(document.paths)) {
    const [head] = Object.keys(known).filter((prefix) => path.startsWith(prefix))
    const place = head ? path.replace(/\{\w+\}/, known[head] ?? '') : path
    if (!get || place.includes('{') || LEFT_OUT.test(path)) continue
    const taken: string[] = []
    const refused: string[] = []
    for (const { name, in: where, schema } of get.parameters ?? []) {
      if (where !== 'query') continue
      const pair = `${name}=${encodeURIComponent(String(exampleOf(schema)))}`
      ;((await ask(`${place}?${pair}`)) < 400 ? taken : refused).push(pair)
    }
    starts.push(taken.length ? `${place}?${taken.join('&')}` : place)
    if (refused.length) starts.push(`${place}?${refused.join('&')}`)
  }
  return starts
}
