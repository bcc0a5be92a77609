import { z } from 'zod'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError } from '#engine/platform/errors.ts'
import { createOutboundGuard, OutboundRefusal } from '#engine/platform/outbound-guard.ts'

export const addressInput = z
  .string({ error: 'must be a URL' })
  .max(2048)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be a URL')
  .refine((text) => !URL.canParse(text) || new URL(text).hash === '', 'must have no fragment')

/** Throws ApiError 400 where the engine may not send to an address; it is checked again at each attempt. */
export function refuseForbiddenAddress(ctx: EngineContext, address: string): void {
  try {
    createOutboundGuard(ctx.settings.allowedInputHosts).check(address)
  } catch (error) {
    if (error instanceof OutboundRefusal) throw new ApiError(400, `address: ${error.message}`)
    throw error
  }
}
