import { createMemoryStore } from '../../portal/src/adapters/limits/memory.ts'
import { remembering } from '../../portal/src/adapters/limits/remember.ts'
import type { TestApp } from './test-app.ts'

/**
 * Has a test app count requests in this process alone: for tests of what limits do, not of where they count. A store apart
 * refuses whoever it could not answer within a second, which a crowded machine may take for one trip.
 */
export async function countInMemory({ app }: Pick<TestApp, 'app'>): Promise<void> {
  await app.ports.limits.stop()
  app.ports.limits = remembering(createMemoryStore())
}
