import type { Grant } from '#portal/modules/playback/ui/playback-session.ts'
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

/** Tells the server that the picture is black now, so that the time it took can be shown and proved. */
export const reportBlack = (token: string) =>
  api<{ blackAfterMs: number }>(`${path(token)}/stopped`, { method: 'POST', body: {} })

/** POST here starts the view, spending one at the first call of a viewer session, or renews it. */
export const watchUrl = path
