import { endpoint, ok } from '#engine/api/endpoint.ts'
import { readPage } from '#engine/api/pagination.ts'
import { type WebhookRow, webhookJson } from '#engine/webhooks/endpoints.ts'

/** GET /system/v1/webhooks: newest first; those of the configuration are not in it. */
export const listWebhooks = endpoint({
  method: 'GET',
  paths: ['/system/v1/webhooks'],
  async run({ ctx, query }) {
    const { limit, offset } = readPage(query)
    const { rows } = await ctx.pool.query<WebhookRow>(
      'select * from engine.webhook_endpoints order by created_at desc, number desc limit $1 offset $2',
      [limit, offset],
    )
    return ok(rows.map((row) => webhookJson(row)))
  },
})
