import { api } from '#portal/ui/api-client.ts'
import type { ViewerRecord } from '../answers.ts'

/** Where the API answers what is recorded of this browser on a link. */
export const recordPath = (token: string) => `/api/share/${encodeURIComponent(token)}/record`
const post = { method: 'POST', body: {} } as const

export const readRecord = (token: string) => api<ViewerRecord>(recordPath(token))
export const copyRecord = (token: string) =>
  api<ViewerRecord & { copiedAt: string }>(`${recordPath(token)}/copy`, post)
export const objectToRecord = (token: string) => api<ViewerRecord>(`${recordPath(token)}/object`, post)
