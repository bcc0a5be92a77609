import { defaultDataDir } from '../../portal/src/platform/env.ts'
import type { Account } from '../support/portal-people.ts'

/** A portal that runs: a stack of our own, or somebody's. */
export type Target = { url: string; port: number; dataDir: string; admin: Account }

export function remoteTarget(url: string): Target {
  const { origin, port } = new URL(url)
  const { PORTAL_ADMIN_EMAIL, PORTAL_ADMIN_PASSWORD, DATA_DIR } = process.env
  if (!PORTAL_ADMIN_PASSWORD) throw new Error('Set PORTAL_ADMIN_PASSWORD to sign in there.')
  return {
    url: origin,
    port: Number(port || 80),
    dataDir: DATA_DIR ?? defaultDataDir(),
    admin: { email: PORTAL_ADMIN_EMAIL ?? 'admin@portal.localhost', password: PORTAL_ADMIN_PASSWORD },
  }
}
