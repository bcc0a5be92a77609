import { mkdtemp, rm } from 'node:fs/promises'
import { compose, type Portal } from '../../portal/src/compose.ts'
import type { TestApp } from './test-app.ts'
import type { TestDatabase } from './test-postgres.ts'

/**
 * Another node beside a test app: its own pool, caches and ear for notices, over the same database, secrets and clock; of
 * the first one it knows only what stands in the database.
 */
export async function startSecondNode(
  { app, mux }: TestApp,
  database: TestDatabase,
  env: Record<string, string> = {},
): Promise<Portal> {
  const folder = await mkdtemp('/tmp/mm-node-')
  const { SECRETS_FILE, MASTER_KEY_FILE } = app.settings
  const portal = await compose({
    env: {
      ...{ DATABASE_URL: database.url, DATA_DIR: folder, SECRETS_FILE, MASTER_KEY_FILE },
      ...{ LOG_LEVEL: process.env.TEST_LOG ?? 'silent', REVOKE_PROBE_MINUTES: '0' },
      MUX_TOKEN_ID: mux.credentials.tokenId,
      MUX_TOKEN_SECRET: mux.credentials.tokenSecret,
      MUX_WEBHOOK_SECRET: mux.credentials.webhookSecret,
      MUX_BASE_URL: mux.origin,
      ...env,
    },
    exclusive: true,
    clock: app.clock,
  })
  return {
    ...portal,
    async close(options) {
      await portal.close(options)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
