import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { headOf, NAMED_HEAD_BYTES, seal, unseal } from '#portal/platform/crypto.ts'
import { writePrivateFile } from '#portal/platform/private-file.ts'
import type { SealRing } from '#portal/platform/seal-ring.ts'
import { UnopenedBox } from '#portal/platform/unopened-box.ts'

const storedKeySchema = z.strictObject({
  vkey: z.string(),
  /** PKCS#8 PEM, in the file sealed and in base64; gone once the key may not sign any more. */
  privateKey: z.string().nullable(),
  state: z.enum(['pending', 'next', 'current', 'retired', 'compromised']),
  /** From when to when it signs. */
  since: z.string().nullable(),
  until: z.string().nullable(),
  /** Sizes of the newest heads when it began and when it ended: what it signed lies between them. */
  fromSize: z.number().nullable(),
  untilSize: z.number().nullable(),
  /** Signed note by which this key took over. */
  statement: z.string().nullable(),
})
/** Version 1 held the private halves as they are. */
const fileSchema = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  keys: z.array(storedKeySchema).min(1),
})

export type StoredKey = z.infer<typeof storedKeySchema>

/** Where the keys are kept. Written whole or not at all. */
export type KeyFile = {
  read(): Promise<StoredKey[] | null>
  /** Null unless somebody else has written it since it was last read or written here. */
  readIfChanged(): Promise<StoredKey[] | null>
  write(keys: StoredKey[]): Promise<void>
  /** Whether a private half lay unsealed, or sealed by another key than the newest, when it was last read or written here. */
  isSealedByOlder(): boolean
  /** How many private halves lie so in the file as it is now; asks only, and takes nothing over. */
  countSealedByOlder(): Promise<number>
}

function openOne(sealKey: SealRing, key: StoredKey): StoredKey {
  if (key.privateKey === null || isPlain(key.privateKey)) return key
  const box = Buffer.from(key.privateKey, 'base64')
  return { ...key, privateKey: unseal(sealKey, box, placeOf(key)).toString('utf8') }
}

const placeOf = ({ vkey }: StoredKey) => `audit key ${vkey}`

/** @throws Error with what to do, where the file is damaged or sealed by a key that is not there */
export function keyFile(path: string, sealKey: SealRing): KeyFile {
  let seen = ''
  let stored: StoredKey[] = []
  const openAll = (keys: StoredKey[]) => {
    try {
      return keys.map((key) => openOne(sealKey, key))
    } catch (error) {
      if (!(error instanceof UnopenedBox)) throw error
      throw new Error(
        `${path} was sealed by a key that is not in the secrets file: restore both from one backup.`,
        {
          cause: error,
        },
      )
    }
  }
  const sealed = (keys: StoredKey[]) =>
    keys.map((key) =>
      key.privateKey === null
        ? key
        : { ...key, privateKey: seal(sealKey, key.privateKey, placeOf(key)).toString('base64') },
    )
  const look = async () => {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    return found && `${found.ino}:${found.mtimeMs}:${found.size}`
  }
  const parse = async () => {
    const parsed = fileSchema.safeParse(parseJson(await readFile(path, 'utf8')))
    if (!parsed.success)
      throw new Error(`${path} is damaged. Restore it from your backup: it holds the keys of the audit log.`)
    return parsed.data.keys
  }
  const read = async () => {
    const mark = await look()
    if (mark === null) return null
    const found = await parse()
    const keys = openAll(found)
    seen = mark
    stored = found
    return keys
  }
  const sealedByOlder = (keys: StoredKey[]) => {
    const newest = headOf(sealKey.current().id)
    return keys.filter(({ privateKey }) => privateKey !== null && !isSealedBy(newest, privateKey)).length
  }
  return {
    read,
    readIfChanged: async () => ((await look()) === seen ? null : await read()),
    async write(keys) {
      const boxes = sealed(keys)
      await writePrivateFile(path, `${JSON.stringify({ version: 2, keys: boxes }, null, 2)}\n`)
      seen = (await look()) ?? ''
      stored = boxes
    },
    isSealedByOlder: () => sealedByOlder(stored) > 0,
    countSealedByOlder: async () => ((await look()) === null ? 0 : sealedByOlder(await parse())),
  }
}

const isPlain = (privateKey: string) => privateKey.startsWith('-----BEGIN')

const isSealedBy = (head: Buffer, privateKey: string) =>
  Buffer.from(privateKey, 'base64').subarray(0, NAMED_HEAD_BYTES).equals(head)

/** For a log whose key is given from outside and never changes. */
export function keyFileInMemory(): KeyFile {
  let kept: StoredKey[] | null = null
  return {
    read: async () => kept,
    readIfChanged: async () => null,
    async write(keys) {
      kept = keys
    },
    isSealedByOlder: () => false,
    countSealedByOlder: async () => 0,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
