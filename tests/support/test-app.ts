import { mkdtemp, rm } from 'node:fs/promises'
import { compose, type Portal } from '../../portal/src/compose.ts'
import { createUser } from '../../portal/src/modules/identity/create-user.ts'
import { ensureSigningKey } from '../../portal/src/modules/playback/create-signing-key.ts'
import type { Actor, Role, StaffGroup } from '../../portal/src/platform/context.ts'
import { countInMemory } from './count-in-memory.ts'
import { createTestDatabase } from './database.ts'
import { type MuxCloud, startMuxCloud } from './mux-cloud.ts'
import type { TestDatabase } from './test-postgres.ts'

export type LoggedEvent = {
  action: string
  outcome: string
  reason: string | null
  actor: { kind: string; pseudonym: string }
  target: { type: string; id: string }
  details?: Record<string, unknown>
}

export type TestApp = Portal & {
  mux: MuxCloud
  /** Moves the portal's clock; tests begin at 2026-11-21T10:00:00Z. */
  advance(milliseconds: number): void
  /** A person of this role in a new organisation, or in the given one; of security and compliance with a grant to read the log. */
  person(
    role: Role,
    options?: { organisation?: string; groups?: StaffGroup[] },
  ): Promise<Extract<Actor, { kind: 'user' }>>
  /** A ready video of that person's organisation, without any file behind it. */
  video(owner: Extract<Actor, { kind: 'user' }>, title?: string): Promise<string>
  /** Everything in the audit log, in order. */
  events(): Promise<LoggedEvent[]>
  stop(): Promise<void>
}

let serial = 0

/** Lets an administrator read the audit log for thirty days, as if a second person had agreed; gives the grant's ID. */
export async function grantLogReading(app: TestApp['app'], userId: string): Promise<string> {
  const id = app.newContext({ kind: 'system', id: 'test' }).newId('lga')
  await app.pool.query(
    `insert into log_grants (id, user_id, origin, reason, hours, asked_at, decision, decided_by, decided_at, ends_at)
     values ($1, $2, 'asked', 'For the tests of this portal', 720, $3, 'approved', 'test', $3, $3::timestamptz + interval '720 hours')`,
    [id, userId, app.clock()],
  )
  return id
}

/**
 * The whole portal without its doors, on a database of its own and a local server that speaks Mux's API.
 * `given` is for several on one database, and for commands that run outside vitest, where no run provides a Postgres; it is
 * closed with the app. Without it, limits are counted in this process, as `npm run up` does.
 */
export async function createTestApp(
  env: Record<string, string> = {},
  given?: TestDatabase,
): Promise<TestApp> {
  const database = given ?? (await createTestDatabase('portal'))
  let now = Date.parse('2026-11-21T10:00:00Z')
  const mux = await startMuxCloud(() => new Date(now))
  const dataDir = await mkdtemp('/tmp/mm-app-')
  const portal = await compose({
    env: {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
      MUX_TOKEN_ID: mux.credentials.tokenId,
      MUX_TOKEN_SECRET: mux.credentials.tokenSecret,
      MUX_WEBHOOK_SECRET: mux.credentials.webhookSecret,
      MUX_BASE_URL: mux.origin,
      REVOKE_PROBE_MINUTES: '0',
      ...env,
    },
    exclusive: true,
    clock: () => new Date(now),
  })
  const { app } = portal
  if (!given) await countInMemory(portal)
  await ensureSigningKey(app)
  const system = () => app.newContext({ kind: 'system', id: 'test' })

  return {
    ...portal,
    mux,
    advance(milliseconds) {
      now += milliseconds
    },
    async person(role, options = {}) {
      const n = ++serial
      const organisation = options.organisation ?? `Organisation ${n}`
      const { id } = await app.call(
        createUser,
        {
          email: `person${n}@example.com`,
          name: `Person ${n}`,
          password: 'correct horse battery',
          role,
          organisation,
        },
        system(),
      )
      const { groups = [] } = options
      const { rows } = await app.pool.query(
        'update members set staff_groups = $2 where user_id = $1 returning organisation_id',
        // The table refuses groups of anybody else; a test may still claim them in the actor.
        [id, role === 'admin' ? groups : []],
      )
      if (groups.some((group) => group === 'security' || group === 'compliance'))
        await grantLogReading(app, id)
      return { kind: 'user', id, role, groups, organisationId: rows[0].organisation_id }
    },
    async video(owner, title = 'Session 14') {
      const id = app.newContext(owner).newId('vid')
      await app.pool.query(
        `insert into videos (id, organisation_id, owner_id, title, status, provider, asset_id, playback_id, duration_seconds, complete, created_at, checked_at)
         values ($1, $2, $3, $4, 'ready', 'mux', $5, $6, 10, true, $7, $7)`,
        [id, owner.organisationId, owner.id, title, `asset-${id}`, `playback-${id}`, app.clock()],
      )
      return id
    },
    async events() {
      const { rows } = await app.pool.query<{ entry: string }>('select entry from audit_events order by seq')
      return rows.map(({ entry }) => JSON.parse(entry) as LoggedEvent)
    },
    async stop() {
      await portal.close({ stopDatabase: false })
      await mux.stop()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
