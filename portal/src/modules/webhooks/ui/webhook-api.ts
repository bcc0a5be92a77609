import { api } from '#portal/ui/api-client.ts'
import type { ReplayPlan, ReplayProgress, WebhookDetail } from '../answers.ts'

const LETTERS = '/api/admin/webhooks/dead-letters'

/** Which dead letters: all, or those of a cause, or one. */
export type Chosen = { cause?: string; ids?: string[] }

export const planReplay = (chosen: Chosen) =>
  api<ReplayPlan>(`${LETTERS}/replay`, { method: 'POST', body: { ...chosen, dryRun: true } })

export const replay = (chosen: Chosen) =>
  api<ReplayProgress>(`${LETTERS}/replay`, { method: 'POST', body: chosen })

export const getLetter = (id: string, signal: AbortSignal) =>
  api<WebhookDetail>(`${LETTERS}/${encodeURIComponent(id)}`, { signal })

export const discard = (id: string, reason: string) =>
  api(`${LETTERS}/${encodeURIComponent(id)}/discard`, { method: 'POST', body: { reason } })
