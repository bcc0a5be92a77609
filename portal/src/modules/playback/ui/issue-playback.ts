import { type ApiOptions, api } from '#portal/ui/api-client.ts'
import type { Grant, Issued } from './playback-session.ts'

type Post = <T>(url: string, options: ApiOptions) => Promise<T>

/** Asks for a playback token and reads the server's clock off the same answer. */
export async function issuePlayback<T extends Grant = Grant>(
  url: string,
  post: Post = api,
): Promise<Issued & { grant: T }> {
  let serverTime = Number.NaN
  const asked = performance.now()
  const grant = await post<T>(url, {
    method: 'POST',
    body: {},
    onHeaders: (headers) => {
      serverTime = Date.parse(headers.get('date') ?? '')
    },
  })
  // The Date header has whole seconds; half of one is the best guess, and so is half of the way.
  const said = Date.now() - (performance.now() - asked) / 2
  const skewMs = Number.isNaN(serverTime) ? 0 : serverTime + 500 - said
  return { grant, skewMs: Math.abs(skewMs) < 2000 ? 0 : skewMs }
}
