import { closeSync, openSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { importUsage } from './import-usage.ts'
import { loadPlayed, nameOf, type Played, readDefinition, writeDefinition } from './played-files.ts'
import { createServedCounter, type ServedCounter } from './served-counter.ts'
import { createUsageJournal, readFrom } from './usage-journal.ts'

const TICK_MS = 1000
const LOOK_FOR_OTHERS_MS = 10_000
/** A journal that nobody wrote for so long has no process any more, for a living one's goes away within a minute. */
const ABANDONED_MS = 3 * 60_000
const MOST_KNOWN = 2000
const JOURNAL = /^([0-9a-f-]{36})\.log$/

/** Counts what this process delivers and brings it, and what killed processes left, into the database. */
export type Usage = {
  served: ServedCounter
  /** Imports what was left on this disk, then goes on by itself. */
  start(): Promise<void>
  /** All that was counted by now is in the database when it resolves. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export function createUsage(ctx: EngineContext): Usage {
  const folder = join(ctx.settings.folder, 'usage')
  const journal = createUsageJournal(folder, ctx.log)
  const known = new Map<string, Played>()
  const asked = new Set<string>()
  /** Journals of others, and their length when all of it was imported. */
  const others = new Map<string, number>()
  const counter = createServedCounter(journal, ctx.clock, learn)
  let defined = { in: '', names: new Set<string>() }
  const timers: NodeJS.Timeout[] = []
  let running: Promise<void> = Promise.resolve()

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    running = running.then(work).catch((error) => {
      ctx.log.warn({ err: error }, 'usage could not be written to the database; trying again')
    })
    return running
  }
  /** What a file is worth is asked for when it is first sent: the asset may be deleted a moment later. */
  function learn(key: string): void {
    const name = nameOf(key)
    if (known.has(name) || asked.has(name)) return
    asked.add(name)
    loadPlayed(ctx.pool, [name])
      .then((loaded) => {
        for (const [each, played] of loaded) known.set(each, played)
        define()
      })
      .catch(() => undefined)
      .finally(() => asked.delete(name))
  }
  async function importAll(
    id: string,
    read: (offset: number) => Buffer,
    size: number,
    played: Map<string, Played>,
  ): Promise<number> {
    if (known.size > MOST_KNOWN) known.clear()
    for (let before = -1; ; ) {
      const { imported, unknown } = await importUsage(ctx.pool, id, read, played, ctx.clock())
      if (unknown > 0) ctx.log.warn({ answers: unknown }, 'answers of videos that are gone were not counted')
      if (imported >= size || imported === before) return imported
      before = imported
    }
  }
  async function importOwn(): Promise<void> {
    const file = journal.current()
    if (!file) return
    const { id, size, imported, read } = file
    journal.imported(id, imported === size ? size : await importAll(id, read, size, known))
  }
  /** Writes down what renditions are worth, should their rows be gone when somebody else imports this journal. */
  function define(): void {
    const id = journal.current()?.id
    if (!id) return
    if (id !== defined.in) defined = { in: id, names: new Set() }
    for (const [name, played] of known) {
      const what = `${name} ${played.seconds.length}`
      if (!defined.names.has(what)) journal.define(writeDefinition(name, played))
      defined.names.add(what)
    }
  }
  async function importOthers(): Promise<void> {
    const own = journal.current()?.id
    for (const name of await readdir(folder).catch(() => [])) {
      const id = JOURNAL.exec(name)?.[1]
      if (id && id !== own) await importFile(id, join(folder, name))
    }
  }
  async function importFile(id: string, path: string): Promise<void> {
    const found = await stat(path).catch(() => null)
    const abandoned = found && Date.now() - found.mtimeMs > ABANDONED_MS
    if (!found || (others.get(id) === found.size && !abandoned)) return
    const fd = openSync(path, 'r')
    try {
      const imported = await importAll(id, (offset) => readFrom(fd, offset), found.size, definitionsIn(fd))
      if (imported !== found.size) return
      others.set(id, found.size)
      if (!abandoned) return
      others.delete(id)
      await rm(path, { force: true })
    } finally {
      closeSync(fd)
    }
  }
  return {
    served: counter.count,
    async start() {
      await inTurn(importOthers)
      timers.push(setInterval(() => void inTurn(importOwn).then(define), TICK_MS).unref())
      timers.push(setInterval(() => void inTurn(importOthers), LOOK_FOR_OTHERS_MS).unref())
    },
    flush: () => inTurn(importOwn),
    async stop() {
      for (const timer of timers) clearInterval(timer)
      counter.stop()
      await inTurn(importOwn)
      journal.close()
    },
  }
}

/** What the process that wrote a journal knew; it may say so far in front of what is still to be imported. */
function definitionsIn(fd: number): Map<string, Played> {
  const found = new Map<string, Played>()
  for (let offset = 0; ; ) {
    const piece = readFrom(fd, offset)
    const whole = piece.lastIndexOf(10) + 1
    if (whole === 0) return found
    offset += whole
    for (const line of piece.subarray(0, whole).toString('latin1').split('\n')) {
      const [name, played] = line.startsWith('!') ? (readDefinition(line) ?? []) : []
      if (name && played) found.set(name, played)
    }
  }
}

const DAY_MS = 24 * 3_600_000
const KEEP_BATCHES_MS = 60 * DAY_MS
const KEEP_USAGE_MS = 401 * DAY_MS

/** Forgets batches whose journals are long gone, and usage older than any export shows. */
export async function pruneUsage(ctx: EngineContext): Promise<void> {
  const ago = (ms: number) => [new Date(ctx.clock().getTime() - ms)]
  await ctx.pool.query('delete from engine.usage_batches where updated_at < $1', ago(KEEP_BATCHES_MS))
  await ctx.pool.query('delete from engine.delivery_usage where hour < $1', ago(KEEP_USAGE_MS))
  await ctx.pool.query('delete from engine.usage_exports where day < $1', ago(KEEP_USAGE_MS))
}
