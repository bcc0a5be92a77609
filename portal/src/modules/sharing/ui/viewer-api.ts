import type { Grant } from '#portal/modules/playback/ui/playback-session.ts'
import { api } from '#portal/ui/api-client.ts'

export type Need = 'account' | 'email' | 'code' | 'password' | 'agreement' | 'opening'

export type AgreementText = { id: string; version: number; text: string }

/** GET /api/share/{token}: changes nothing. */
export type OpenedLink = {
  access: 'link' | 'email' | 'account'
  needs: Need[]
  watching: boolean
  opensAt: string | null
  agreement: AgreementText | null
  /** the owner sees which parts are watched */
  recorded: boolean
}

/** POST /api/share/{token}/verify: one step through the gate. */
export type VerifyAnswer = { needs: Need[]; sharedBy: string }

export type ViewerGrant = Grant & { sharedBy?: string; note?: string | null; watermark?: string | null }

/** What one step of the gate proves or accepts. */
export type Proof = { email?: string; code?: string; password?: string; agreement?: string }

const path = (token: string) => `/api/share/${encodeURIComponent(token)}`

export const openLink = (token: string, signal?: AbortSignal) => api<OpenedLink>(path(token), { signal })

export const takeStep = (token: string, proof: Proof) =>
  api<VerifyAnswer>(`${path(token)}/verify`, { method: 'POST', body: proof })

export const eventsUrl = (token: string) => `${path(token)}/events`

/** Tells the server that the picture is black now, so that the time it took can be shown and proved. */
export const reportBlack = (token: string) =>
  api<{ blackAfterMs: number }>(`${path(token)}/stopped`, { method: 'POST', body: {} })

/** POST here starts the view, spending one at the first call of a viewer session, or renews it. */
export const watchUrl = path
