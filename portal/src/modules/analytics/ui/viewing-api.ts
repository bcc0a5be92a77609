import { api } from '#portal/ui/api-client.ts'

export type Who =
  | { kind: 'address'; address: string }
  | { kind: 'unnamed'; number: number }
  | { kind: 'objected' }

export type HeatPart = {
  fromSeconds: number
  toSeconds: number
  viewers: number
  replays: number
  playedSeconds: number
}

export type ViewerLine = {
  who: Who
  firstAt: string
  lastAt: string
  times: number
  watching: boolean
  fraction: number | null
  playedSeconds: number | null
}

export type NotWatched = { address: string; remindedAt: string | null; reminders: number; mayRemind: boolean }

export type ShareViewing = {
  shareId: string
  durationSeconds: number | null
  recorded: boolean
  viewers: ViewerLine[]
  viewerCount: number
  heat: HeatPart[]
  notWatched: NotWatched[]
  refusals: { reason: string; count: number; lastAt: string }[]
}

const path = (id: string) => `/api/shares/${encodeURIComponent(id)}`

export const viewingPath = (id: string) => `${path(id)}/viewing`

export const remindViewer = (id: string, email: string, link: string) =>
  api<{ remindedAt: string }>(`${path(id)}/remind`, {
    method: 'POST',
    body: { email, ...(link ? { link } : {}) },
  })

export type Extended =
  | { status: 'extended'; expiresAt: string; maxViews: number | null }
  | { status: 'pending_approval'; asks: string[] }

export const extendShare = (id: string, wanted: { expiresAt?: string; maxViews?: number; reason?: string }) =>
  api<Extended>(`${path(id)}/extend`, { method: 'POST', body: wanted })

/** Watching of one video or share in a few numbers. */
export type ViewingSummary = { id: string; people: number; lastAt: string; fraction: number | null }
