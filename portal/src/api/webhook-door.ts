import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { receiveWebhook } from '#portal/modules/webhooks/receive-webhook.ts'
import { MAX_WEBHOOK_BYTES } from '#portal/modules/webhooks/rules.ts'
import { problemSchema } from './operation-route.ts'
import type { Env } from './request-context.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

const route = createRoute({
  method: 'post',
  path: '/api/webhooks/mux',
  operationId: 'webhook.receive',
  summary: 'Events of the video service; stored, then answered, then applied',
  request: { headers: z.object({ 'mux-signature': z.string().optional() }) },
  responses: {
    200: {
      description: 'Stored',
      content: { 'application/json': { schema: z.object({ status: z.enum(['stored', 'known']) }) } },
    },
    400: problem('Signed, and no event'),
    401: problem('The signature does not verify'),
    413: problem('Larger than 1 MiB'),
  },
})

/** Its own door: the signature is over the raw bytes, which are read here and nowhere parsed before it holds. */
export function mountWebhooks(api: OpenAPIHono<Env>): void {
  api.openapi(route, async (c) => {
    const { body, bodyBytes } = await readUpTo(c.req.raw, MAX_WEBHOOK_BYTES)
    const signature = c.req.header('mux-signature') ?? null
    const result = await c.get('app').call(receiveWebhook, { body, bodyBytes, signature }, c.get('ctx'))
    return c.json(result, 200)
  })
}

/** The whole body, or null once it has more bytes than `limit`; then the rest stays unread. */
async function readUpTo(
  request: Request,
  limit: number,
): Promise<{ body: Uint8Array | null; bodyBytes: number }> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limit) return { body: null, bodyBytes: declared }
  const chunks: Uint8Array[] = []
  let bodyBytes = 0
  for await (const chunk of request.body ?? []) {
    bodyBytes += chunk.byteLength
    if (bodyBytes > limit) return { body: null, bodyBytes }
    chunks.push(chunk)
  }
  return { body: Buffer.concat(chunks), bodyBytes }
}
