import { api } from '#portal/ui/api-client.ts'
import type { ViewerRecord } from '../answers.ts'

const path = (token: string) => `/api/share/${encodeURIComponent(token)}/record`
const post = { method: 'POST', body: {} } as const

export const readRecord = (token: string) => api<ViewerRecord>(path(token))
export const copyRecord = (token: string) =>
  api<ViewerRecord & { copiedAt: string }>(`${path(token)}/copy`, post)
export const objectToRecord = (token: string) => api<ViewerRecord>(`${path(token)}/object`, post)
