import type { Download, ShareStatus } from '#portal/modules/sharing/rules.ts'
import { api } from '#portal/ui/api-client.ts'
import type { Access, RevokeReason } from './share-words.ts'
import type { Need } from './viewer-api.ts'

/** A share as its owner and administrators see it; the shape of `share.list`. */
export type ShareItem = {
  id: string
  videoId: string
  videoTitle: string
  organisationId: string
  organisationName: string
  createdBy: string
  createdByName: string | null
  access: Access
  allow: string[]
  deny: string[]
  hasPassword: boolean
  hasAgreement: boolean
  countries: string[]
  watermark: boolean
  oneDevice: boolean
  deviceBoundAt: string | null
  download: Download | null
  note: string | null
  status: ShareStatus
  watchingNow: number
  viewsUsed: number
  maxViews: number | null
  viewersUsed: number
  maxViewers: number | null
  asks: string[]
  reason: string | null
  createdAt: string
  startsAt: string | null
  expiresAt: string
  lastUsedAt: string | null
  analytics: boolean
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
  maxViewers?: number
  password?: string
  deny?: string[]
  startsAt?: string
  agreement?: string
  watermark?: boolean
  oneDevice?: boolean
  download?: Download
  note?: string
  analytics?: boolean
  reason?: string
}

/** 201 with the link, or 202 where a second person decides first. */
export type MadeShare =
  | { id: string; status: 'active'; token: string; url: string; expiresAt: string }
  | { id: string; status: 'pending_approval'; expiresAt: string; asks: string[] }
export type Revoked = { id: string; stoppedPlayers: number; confirmed: boolean; boundSeconds: number }

export const makeShare = (videoId: string, share: NewShare) =>
  api<MadeShare>(`/api/videos/${encodeURIComponent(videoId)}/shares`, { method: 'POST', body: share })

export type CollectedShare = Extract<MadeShare, { status: 'active' }>

/** The link of an approved share: once. */
export const collectShare = (id: string) =>
  api<CollectedShare>(`/api/shares/${encodeURIComponent(id)}/collect`, { method: 'POST', body: {} })

export const releaseDevice = (id: string) =>
  api<{ id: string; stoppedPlayers: number }>(`/api/shares/${encodeURIComponent(id)}/release-device`, {
    method: 'POST',
    body: {},
  })

export const decideShare = (id: string, decision: 'approve' | 'decline', reason: string) =>
  api<{ id: string; status: 'approved' | 'declined' }>(
    `/api/admin/share-tokens/${encodeURIComponent(id)}/${decision}`,
    { method: 'POST', body: { reason } },
  )

export type Explained = {
  audience: { kind: string; domain?: string; address?: string }
  wouldWatch: boolean
  refusal: string | null
  mustProve: Need[]
  rules: { rule: string; holds: boolean }[]
  except: string[]
}

export const explainShare = (id: string, email?: string, signal?: AbortSignal) =>
  api<{ exists: boolean; audiences: Explained[]; whatIf: Explained | null }>(
    `/api/shares/${encodeURIComponent(id)}/explain`,
    { method: 'POST', body: email ? { email } : {}, signal },
  )

export const revokeShare = (id: string, reason: RevokeReason, note: string) =>
  api<Revoked>(`/api/shares/${encodeURIComponent(id)}/revoke`, {
    method: 'POST',
    body: { reason, ...(note ? { note } : {}) },
  })

export const getShareDetail = (id: string, signal?: AbortSignal) =>
  api<ShareItem & { viewers: ShareViewerItem[] }>(`/api/shares/${encodeURIComponent(id)}`, { signal })
