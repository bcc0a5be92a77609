import type { Grant, Issued } from '#portal/modules/playback/ui/playback-session.ts'
import { api } from '#portal/ui/api-client.ts'

export type Need = 'account' | 'email' | 'code' | 'password'

/** GET /api/share/{token}: changes nothing. */
export type OpenedLink = { access: 'link' | 'email' | 'account'; needs: Need[]; watching: boolean }

/** POST /api/share/{token}/verify: one step through the gate. */
export type VerifyAnswer = { needs: Need[]; sharedBy: string }

export type ViewerGrant = Grant & { sharedBy?: string }

const path = (token: string) => `/api/share/${encodeURIComponent(token)}`

export const openLink = (token: string, signal?: AbortSignal) => api<OpenedLink>(path(token), { signal })

export const takeStep = (token: string, proof: { email?: string; code?: string; password?: string }) =>
  api<VerifyAnswer>(`${path(token)}/verify`, { method: 'POST', body: proof })

export const eventsUrl = (token: string) => `${path(token)}/events`

/** Starts the view, or renews it; the first call of a viewer session spends a view. */
export async function issuePlayback<T extends Grant = ViewerGrant>(
  url: string,
): Promise<Issued & { grant: T }> {
  let serverTime = Number.NaN
  const asked = Date.now()
  const grant = await api<T>(url, {
    method: 'POST',
    body: {},
    onHeaders: (headers) => {
      serverTime = Date.parse(headers.get('date') ?? '')
    },
  })
  // The Date header has whole seconds; half of one is the best guess.
  const skewMs = Number.isNaN(serverTime) ? 0 : serverTime + 500 - (asked + Date.now()) / 2
  return { grant, skewMs: Math.abs(skewMs) < 2000 ? 0 : skewMs }
}

/** Tells the server that the picture is black now, so that the time it took can be shown and proved. */
export const reportBlack = (token: string) =>
  api<{ blackAfterMs: number }>(`${path(token)}/stopped`, { method: 'POST', body: {} })

export const watchUrl = path
