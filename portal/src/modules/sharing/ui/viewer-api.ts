import { issuePlayback } from '#portal/modules/playback/ui/issue-playback.ts'
import type { Grant } from '#portal/modules/playback/ui/playback-session.ts'
import type { Download } from '#portal/modules/sharing/rules.ts'
import { api } from '#portal/ui/api-client.ts'
import type { LinkGate } from '../answers.ts'
import type { Need } from '../rules.ts'
import { postWithProof, setClock } from './device-key.ts'

/** POST /api/share/{token}/verify: one step through the gate. */
export type VerifyAnswer = {
  needs: Need[]
  sharedBy: string
  /** everything is proved, and another device was first */
  otherDevice: boolean
}

export type ViewerGrant = Grant & {
  sharedBy?: string
  note?: string | null
  watermark?: string | null
  /** what may be taken away */
  download?: Download | null
}

/** What one step of the gate proves or accepts. */
export type Proof = { email?: string; code?: string; password?: string; agreement?: string }

const path = (token: string) => `/api/share/${encodeURIComponent(token)}`

/** Links of this page that ask which device this is. */
const ofOneDevice = new Set<string>()

/** The way to post for a link: with a proof of the device where it asks for one. */
const postFor = (token: string) => (ofOneDevice.has(token) ? postWithProof : api)

export async function openLink(token: string, signal?: AbortSignal): Promise<LinkGate> {
  const link = await api<LinkGate>(path(token), { signal, onHeaders: setClock })
  if (link.oneDevice) ofOneDevice.add(token)
  return link
}

export const takeStep = (token: string, proof: Proof) =>
  postFor(token)<VerifyAnswer>(`${path(token)}/verify`, { method: 'POST', body: proof })

export const eventsUrl = (token: string) => `${path(token)}/events`

/** Tells the server that the picture is black now, so that the time it took can be shown and proved. */
export const reportBlack = (token: string) =>
  api<{ blackAfterMs: number }>(`${path(token)}/stopped`, { method: 'POST', body: {} })

/** Where the player reports which parts were played. */
export const progressUrl = (token: string) => `${path(token)}/progress`

/** Starts the view, spending one at the first call of a viewer session, or renews it. */
export const startOrRenew = (token: string) => issuePlayback<ViewerGrant>(path(token), postFor(token))

/** GET and POST /api/share/{token}/download. */
export type CopyState = {
  status: 'preparing' | 'ready' | 'failed' | 'none'
  /** percent */
  progress: number
  /** saves the copy: once, within a minute */
  url: string | null
}

/** Orders the copy that a link allows, or takes it where it is ready. */
export const askForCopy = (token: string) =>
  postFor(token)<CopyState>(`${path(token)}/download`, { method: 'POST', body: {} })

export const lookAtCopy = (token: string) => api<CopyState>(`${path(token)}/download`)
