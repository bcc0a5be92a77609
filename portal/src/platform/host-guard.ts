import type { Settings } from './env.ts'
import { isLoopback } from './settings/loopback.ts'

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Whether a request was meant for us by name. A page elsewhere can point its own name at this machine (DNS
 * rebinding) and would then be same-origin with us; it can't choose the Host header. Probes
 * and scrapers, who know a secret, may come by address.
 */
export function isOurHost(settings: Settings, host: string | undefined, path: string): boolean {
  if (path.startsWith('/api/health/') || path === '/metrics') return true
  if (host === undefined) return false
  if (host === new URL(settings.PUBLIC_URL).host || host === new URL(settings.INTERNAL_URL).host) return true
  return isLoopback(settings.PUBLIC_URL) && LOOPBACK_HOST.test(host)
}
