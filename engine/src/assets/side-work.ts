import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isMediaError } from '#engine/media/media-error.ts'
import type { Queryable } from '#engine/platform/db.ts'
import { newId } from '#engine/platform/ids.ts'
import { storageTrouble } from '#engine/storage/port.ts'
import type { IngestParts } from './ingest-job.ts'
import { removeWorkFolders } from './work-folders.ts'

/** What work beside the ladder may touch. */
export type SideParts = Omit<IngestParts, 'ingest'>

/** Why something could not be made, as its answer and its event tell it. */
export type SideError = { type: 'invalid_input' | 'internal_error'; message: string }

/** One piece of work beside an asset's ladder; safe to run again at any point. */
export type SideWork = {
  assetId: string
  /** Which of the asset's works; at most one of a name runs at a time, over all processes. */
  name: string
  deadlineMs: number
  /** `workFolder` is empty and private; the signal aborts when the asset or the thing itself is deleted. */
  run(place: { workFolder: string; signal: AbortSignal; attempt: string }): Promise<void>
  /** Queues this work again. */
  queue(db: Queryable, runAt: Date): Promise<void>
  /** Counts a failure that lies not in the file; returns how many there have been. */
  countFailure(): Promise<number>
  /** Ends it for good. */
  fail(error: SideError): Promise<void>
}

/** The cause lies in what was given, so trying again changes nothing. `message` is for people. */
export class GivenFault extends Error {
  override readonly name = 'GivenFault'
}

const MOST_FAILURES = 4
const POSTPONE_MS = 500
const LONGEST_MS = 24 * 3600_000
const INTERNAL = 'It could not be made because of a fault in the engine. Try again later.'
/** Faults of a file or an address by the names of their classes: a module may be loaded twice in one process. */
const GIVEN = new Set(['GivenFault', 'CaptionsError', 'DownloadError', 'OutboundRefusal'])

/** Name of the turn, and of work folders, of an asset's work beside the ladder. */
export const sideName = (assetId: string, name: string) => `${assetId}.${name}`

/** One attempt. Throws only what the queue should try again. */
export async function runSideWork(parts: SideParts, work: SideWork): Promise<void> {
  const { ctx, running } = parts
  const name = sideName(work.assetId, work.name)
  const soon = () => new Date(Date.now() + POSTPONE_MS)
  const turn = await running.begin(name)
  if (!turn) return work.queue(ctx.pool, soon())
  const attempt = newId(12)
  // Not below the asset's own name, whose work folders its ingest clears away.
  const workFolder = join(ctx.settings.folder, 'work', `side.${name}.${attempt}`)
  try {
    await removeWorkFolders(ctx.settings.folder, `side.${name}`)
    await mkdir(workFolder, { recursive: true, mode: 0o700 })
    const signal = AbortSignal.any([turn.signal, AbortSignal.timeout(Math.min(work.deadlineMs, LONGEST_MS))])
    await work.run({ workFolder, signal, attempt })
  } catch (error) {
    const reason = turn.reason()
    if (reason === 'stopping' || reason === 'lost') await work.queue(ctx.pool, soon())
    else if (reason !== 'deleted') await settle(parts, work, error)
  } finally {
    await rm(workFolder, { recursive: true, force: true, maxRetries: 5 })
    await turn.end()
  }
}

async function settle(parts: SideParts, work: SideWork, error: unknown): Promise<void> {
  const { ctx } = parts
  const about = { assetId: work.assetId, work: work.name }
  if (error instanceof Error && (GIVEN.has(error.name) || isFileFault(error))) {
    ctx.log.info({ ...about, reason: error.message }, 'what was given cannot be used')
    return work.fail({ type: 'invalid_input', message: error.message })
  }
  ctx.log.error({ ...about, err: error }, 'an attempt at work beside the ladder failed')
  // Storage that fails now is no fault of this work: it waits, and is tried again.
  if (storageTrouble(error) === null && (await work.countFailure()) >= MOST_FAILURES) {
    return work.fail({ type: 'internal_error', message: INTERNAL })
  }
  throw error
}

const isFileFault = (error: Error) => isMediaError(error) && error.code !== 'timeout'
