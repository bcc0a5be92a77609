import { api } from '#portal/ui/api-client.ts'

/** What is kept of this browser on one link; the shape of `viewer.read-record`. */
export type ViewerRecord = {
  objectedAt: string | null
  visits: ViewerVisit[]
  agreement: { version: number; text: string; acceptedAt: string } | null
  kept: { what: string; why: string; howLong: string }[]
  notIncluded: string[]
}

export type ViewerVisit = {
  pseudonym: string
  firstSeenAt: string
  address: string | null
  addressProvedAt: string | null
  signedIn: boolean
  passwordGivenAt: string | null
  viewStartedAt: string | null
  renewals: number
  accessUntil: string | null
  endedAt: string | null
  blackAt: string | null
  deviceProvedAt: string | null
  watched: {
    playedSeconds: number
    /** 0 to 1 */
    fractionSeen: number
    parts: { fromSeconds: number; toSeconds: number }[]
  } | null
}

const path = (token: string) => `/api/share/${encodeURIComponent(token)}/record`
const post = { method: 'POST', body: {} } as const

export const readRecord = (token: string) => api<ViewerRecord>(path(token))
export const copyRecord = (token: string) =>
  api<ViewerRecord & { copiedAt: string }>(`${path(token)}/copy`, post)
export const objectToRecord = (token: string) => api<ViewerRecord>(`${path(token)}/object`, post)
