import { endpoint, ok } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import { findWebhook, webhookJson } from '#engine/webhooks/endpoints.ts'

/** GET /system/v1/webhooks/{id} */
export const getWebhook = endpoint({
  method: 'GET',
  paths: ['/system/v1/webhooks/:webhookId'],
  async run({ ctx, param }) {
    const row = await findWebhook(ctx.pool, param('webhookId'))
    if (!row) throw notFound()
    return ok(webhookJson(row))
  },
})
