import { readFile } from 'node:fs/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { eventIdInput } from '#portal/modules/audit/inputs.ts'
import { getOwnReceipt } from '#portal/modules/audit/read-own-receipt.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { receiptSchema } from './schemas.ts'

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
