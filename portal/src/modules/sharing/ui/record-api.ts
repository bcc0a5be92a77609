import type { ViewerRecord } from '#portal/modules/sharing/viewer-record.ts'
import { api } from '#portal/ui/api-client.ts'

export type { ViewerRecord, ViewerVisit } from '#portal/modules/sharing/viewer-record.ts'

const path = (token: string) => `/api/share/${encodeURIComponent(token)}/record`
const post = { method: 'POST', body: {} } as const

export const readRecord = (token: string) => api<ViewerRecord>(path(token))
export const copyRecord = (token: string) =>
  api<ViewerRecord & { copiedAt: string }>(`${path(token)}/copy`, post)
export const objectToRecord = (token: string) => api<ViewerRecord>(`${path(token)}/object`, post)
