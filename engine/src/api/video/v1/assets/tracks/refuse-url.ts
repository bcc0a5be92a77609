import { ApiError } from '#engine/platform/errors.ts'
import type { OutboundGuard } from '#engine/platform/outbound-guard.ts'

/** Throws 400 with the reason for an address that this engine does not ask. */
export function refuseUrl(guard: OutboundGuard, url: string): void {
  try {
    guard.check(url)
  } catch (error) {
    if ((error as Error).name !== 'OutboundRefusal') throw error
    throw new ApiError(400, `url: ${(error as Error).message}`)
  }
}
