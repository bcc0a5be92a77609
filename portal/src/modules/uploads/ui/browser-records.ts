import { WAITING_FILE_DAYS } from '../rules.ts'
import type { RecordStore, UploadRecord } from './upload-records.ts'
import type { WaitingFile, WaitingStore } from './waiting-files.ts'

// IndexedDB alone can hold a file's handle.
const DATABASE = 'uploads'
/** What each table holds, by what it is found. */
const TABLES = { unfinished: 'uploadId', waiting: 'id' } as const
const VERSION = 2
const DAY_MS = 86_400_000

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}

async function table(name: keyof typeof TABLES, mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open(DATABASE, VERSION)
  opening.onupgradeneeded = () => {
    for (const [each, keyPath] of Object.entries(TABLES))
      if (!opening.result.objectStoreNames.contains(each)) opening.result.createObjectStore(each, { keyPath })
  }
  const database = await request(opening)
  const transaction = database.transaction(name, mode)
  transaction.oncomplete = () => database.close()
  return transaction.objectStore(name)
}

/** Uploads that have begun: whose they are, the server knows. */
export const browserRecords: RecordStore = {
  all: async () => await request<UploadRecord[]>((await table('unfinished', 'readonly')).getAll()),
  put: async (record) => void (await request((await table('unfinished', 'readwrite')).put(record))),
  remove: async (uploadId) => void (await request((await table('unfinished', 'readwrite')).delete(uploadId))),
}

/** Files that have not begun: shown to nobody but the person who chose them, and kept for a few days. */
export function browserWaiting(personId: string): WaitingStore {
  const remove = async (id: string) => void (await request((await table('waiting', 'readwrite')).delete(id)))
  return {
    async all() {
      type Kept = WaitingFile & { personId: string }
      const kept = await request<Kept[]>((await table('waiting', 'readonly')).getAll())
      const since = Date.now() - WAITING_FILE_DAYS * DAY_MS
      for (const file of kept) if (file.since < since) await remove(file.id)
      return kept
        .filter((file) => file.personId === personId && file.since >= since)
        .map(({ personId: _, ...file }) => file)
    },
    put: async (file) =>
      void (await request((await table('waiting', 'readwrite')).put({ ...file, personId }))),
    remove,
  }
}
