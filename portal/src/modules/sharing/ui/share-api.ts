import type { ShareStatus } from '#portal/modules/sharing/rules.ts'
import { api } from '#portal/ui/api-client.ts'
import type { Access, RevokeReason } from './share-words.ts'

/** A share as its owner and administrators see it; the shape of `share.list`. */
export type ShareItem = {
  id: string
  videoId: string
  videoTitle: string
  organisationName: string
  createdByName: string | null
  access: Access
  allow: string[]
  hasPassword: boolean
  status: ShareStatus
  watchingNow: number
  viewsUsed: number
  maxViews: number | null
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
  revokedAt: string | null
  revokeReason: string | null
  region: string
}

export type ShareViewerItem = {
  id: string
  startedAt: string
  renewals: number
  watching: boolean
  endedAt: string | null
  blackAfterMs: number | null
}

export type NewShare = {
  access: Access
  allow: string[]
  expiresAt: string
  maxViews?: number
  password?: string
}

export type MadeShare = { id: string; token: string; url: string; expiresAt: string }
export type Revoked = { id: string; stoppedPlayers: number; confirmed: boolean; boundSeconds: number }

export const makeShare = (videoId: string, share: NewShare) =>
  api<MadeShare>(`/api/videos/${encodeURIComponent(videoId)}/shares`, { method: 'POST', body: share })

export const revokeShare = (id: string, reason: RevokeReason, note: string) =>
  api<Revoked>(`/api/shares/${encodeURIComponent(id)}/revoke`, {
    method: 'POST',
    body: { reason, ...(note ? { note } : {}) },
  })

export const getShareDetail = (id: string, signal?: AbortSignal) =>
  api<ShareItem & { viewers: ShareViewerItem[] }>(`/api/shares/${encodeURIComponent(id)}`, { signal })
