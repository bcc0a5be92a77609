import type pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startTestPostgres } from './test-postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: pg.PoolConfig
  }
}

// Each project of a run calls this file in its own copy of it; they share one server.
const SHARED = Symbol.for('motion-mavericks.test-postgres')
type Shared = { users: number; server: ReturnType<typeof startTestPostgres> }
type Holder = { [SHARED]?: Shared | undefined }

/** Gives a project of the run its Postgres, and stops the server after the last one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const holder = globalThis as Holder
  holder[SHARED] ??= { users: 0, server: startTestPostgres() }
  const shared = holder[SHARED]
  shared.users += 1
  project.provide('postgres', (await shared.server).config)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    holder[SHARED] = undefined
    await (await shared.server).stop()
  }
}
