import { readFile } from 'node:fs/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { eventIdInput, historyPage } from '#portal/modules/audit/inputs.ts'
import { getOwnReceipt } from '#portal/modules/audit/read-own-receipt.ts'
import { getAccountHistory } from '#portal/modules/identity/account-history.ts'
import { uploadIdInput } from '#portal/modules/uploads/inputs.ts'
import { getUploadHistory } from '#portal/modules/uploads/upload-history.ts'
import { videoIdInput } from '#portal/modules/videos/inputs.ts'
import { getVideoHistory } from '#portal/modules/videos/video-history.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { historyEventSchema, pageOf, receiptSchema } from './schemas.ts'

const VERIFIER = new URL('../modules/audit/verifier.mjs', import.meta.url)

export const receiptRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/receipts/{id}',
    summary: 'Proof of an event that concerns the caller: their own acts, account, videos, uploads, shares',
    operation: getOwnReceipt,
    params: eventIdInput,
    answer: receiptSchema,
  },
  {
    method: 'get',
    path: '/api/videos/{id}/history',
    summary: 'What happened to a video, from the audit log; each event has its receipt',
    operation: getVideoHistory,
    params: videoIdInput,
    query: historyPage,
    answer: pageOf(historyEventSchema),
  },
  {
    method: 'get',
    path: '/api/uploads/{id}/history',
    summary: 'What happened to an upload, from the audit log; each event has its receipt',
    operation: getUploadHistory,
    params: uploadIdInput,
    query: historyPage,
    answer: pageOf(historyEventSchema),
  },
  {
    method: 'get',
    path: '/api/account/history',
    summary: 'What the audit log says of the caller; each event has its receipt',
    operation: getAccountHistory,
    query: historyPage,
    answer: pageOf(historyEventSchema),
  },
]

/** The verifier itself, for anybody: one file that runs with Node alone. */
export function mountVerifier(api: OpenAPIHono<Env>): void {
  api.get('/api/audit/verifier.mjs', limitTo('api'), async (c) =>
    c.body(new Uint8Array(await readFile(VERIFIER)), 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'content-disposition': 'attachment; filename="verifier.mjs"',
      'cache-control': 'no-cache',
    }),
  )
}
