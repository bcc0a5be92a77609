import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { updateWebhook, webhookJson } from '#engine/webhooks/endpoints.ts'
import { addressInput, refuseForbiddenAddress } from './address.ts'

const input = z
  .object({ address: addressInput.optional(), enabled: z.boolean().optional() })
  .refine(
    ({ address, enabled }) => address !== undefined || enabled !== undefined,
    'needs an address or enabled',
  )

/** PATCH /system/v1/webhooks/{id}: a disabled one gets no new events, and what waits for it waits on. */
export const changeWebhook = endpoint({
  method: 'PATCH',
  paths: ['/system/v1/webhooks/:webhookId'],
  body: input,
  async run({ ctx, param, body }) {
    if (body.address !== undefined) refuseForbiddenAddress(ctx, body.address)
    return ok(webhookJson(await updateWebhook(ctx, param('webhookId'), body)))
  },
})
