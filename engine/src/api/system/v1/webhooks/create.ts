import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import { createWebhook, webhookJson } from '#engine/webhooks/endpoints.ts'
import { addressInput, refuseForbiddenAddress } from './address.ts'

/** POST /system/v1/webhooks: the only answer that holds the signing secret. */
export const makeWebhook = endpoint({
  method: 'POST',
  paths: ['/system/v1/webhooks'],
  body: z.object({ address: addressInput }),
  async run({ ctx, body }) {
    refuseForbiddenAddress(ctx, body.address)
    const { row, signingSecret } = await createWebhook(ctx, body.address)
    return created(webhookJson(row, signingSecret))
  },
})
