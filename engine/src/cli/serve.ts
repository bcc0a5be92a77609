import { readSettings } from '#engine/platform/env.ts'
import { CliError, type Noun, type Verb } from './command.ts'

/** sysexits.h */
const EX_CONFIG = 78
const HINT =
  'Set them in the environment or in ./.env. To have one written with fresh secrets:\n  init --database-url postgres://user:password@host/database'

/** Starts processes of these roles; settings stay what they are. */
const serveAs = (roles: string | null, summary: string): Verb => ({
  summary,
  async run({ env }) {
    if (roles) env.ENGINE_ROLES = roles
    try {
      readSettings(env)
    } catch (error) {
      throw new CliError(`${(error as Error).message}\n\n${HINT}`, EX_CONFIG)
    }
    // Runs until it is told to stop.
    await import('#engine/server.ts')
    return null
  },
})

/** One process with every role, or with one of them. */
export const serving: Noun[] = [
  { name: 'serve', verbs: { '': serveAs(null, 'all roles in one process, or those of ENGINE_ROLES') } },
  { name: 'api', verbs: { '': serveAs('api', 'only the REST API and uploads') } },
  { name: 'delivery', verbs: { '': serveAs('delivery', 'only playback and images') } },
  { name: 'worker', verbs: { '': serveAs('worker', 'only ingest, webhooks and clearing up') } },
]
