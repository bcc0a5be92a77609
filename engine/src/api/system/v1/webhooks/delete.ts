import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import { deleteWebhook } from '#engine/webhooks/endpoints.ts'

/** DELETE /system/v1/webhooks/{id}: nothing more is sent; its address is free for another. */
export const removeWebhook = endpoint({
  method: 'DELETE',
  paths: ['/system/v1/webhooks/:webhookId'],
  async run({ ctx, param }) {
    if (!(await deleteWebhook(ctx, param('webhookId')))) throw notFound()
    return noContent
  },
})
