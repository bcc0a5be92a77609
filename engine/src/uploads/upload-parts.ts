import type { EngineContext } from '#engine/platform/engine-context.ts'
import type { RollingHash } from './rolling-hash.ts'
import type { Spool } from './spool.ts'
import type { WriterLocks } from './writer-locks.ts'

/** What receiving, sweeping and removing uploads need. */
export type UploadParts = { ctx: EngineContext; spool: Spool; locks: WriterLocks; hashes: RollingHash }
