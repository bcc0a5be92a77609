import type { Extended } from '#portal/modules/sharing/answers.ts'
import { api } from '#portal/ui/api-client.ts'

const path = (id: string) => `/api/shares/${encodeURIComponent(id)}`

export const viewingPath = (id: string) => `${path(id)}/viewing`

export const remindViewer = (id: string, email: string, link: string) =>
  api<{ remindedAt: string }>(`${path(id)}/remind`, {
    method: 'POST',
    body: { email, ...(link ? { link } : {}) },
  })

export const extendShare = (id: string, wanted: { expiresAt?: string; maxViews?: number; reason?: string }) =>
  api<Extended>(`${path(id)}/extend`, { method: 'POST', body: wanted })
