import type { StorageBatch, StoragePort } from '#engine/storage/port.ts'

/** Throws at random, as a full or failing disk does: `rate` of all calls. */
export type Faults = { before(): void; after(): void }

/** Half of the faults come before anything is done, half when all is done but nobody is told. */
export function createFaults(rate: number, random: () => number = Math.random): Faults {
  const fault = (code: string, words: string) => {
    if (random() < rate / 2) throw Object.assign(new Error(`${code}: ${words}, injected`), { code })
  }
  return {
    before: () => fault('ENOSPC', 'no space left on device'),
    after: () => fault('EIO', 'input/output error'),
  }
}

/** Runs a call between the two places where it may fail. */
export async function faulty<T>(faults: Faults, call: () => Promise<T>): Promise<T> {
  faults.before()
  const result = await call()
  faults.after()
  return result
}

/** A store that fails at random; for tests of what stands above it. */
export function withFaults(storage: StoragePort, faults: Faults): StoragePort {
  return {
    ...storage,
    put: (key, body) => faulty(faults, () => storage.put(key, body)),
    batch: () => batchWithFaults(storage.batch(), faults),
    open: (key) => faulty(faults, () => storage.open(key)),
    readAll: (key) => faulty(faults, () => storage.readAll(key)),
    deletePrefix: (prefix) => faulty(faults, () => storage.deletePrefix(prefix)),
  }
}

function batchWithFaults(batch: StorageBatch, faults: Faults): StorageBatch {
  return {
    put: (key, body) => faulty(faults, () => batch.put(key, body)),
    settle: () => faulty(faults, () => batch.settle()),
  }
}
