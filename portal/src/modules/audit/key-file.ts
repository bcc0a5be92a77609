import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { writePrivateFile } from '#portal/platform/secrets.ts'

const storedKeySchema = z.strictObject({
  vkey: z.string(),
  /** PKCS#8 PEM; gone once the key may not sign any more. */
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
const fileSchema = z.strictObject({ version: z.literal(1), keys: z.array(storedKeySchema).min(1) })

export type StoredKey = z.infer<typeof storedKeySchema>

/** Where the keys are kept. Written whole or not at all. */
export type KeyFile = {
  read(): Promise<StoredKey[] | null>
  /** Null unless somebody else has written it since it was last read or written here. */
  readIfChanged(): Promise<StoredKey[] | null>
  write(keys: StoredKey[]): Promise<void>
}

/** @throws Error with what to do, where the file is damaged */
export function keyFile(path: string): KeyFile {
  let seen = ''
  const look = async () => {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    return found && `${found.ino}:${found.mtimeMs}:${found.size}`
  }
  const read = async () => {
    const mark = await look()
    if (mark === null) return null
    const parsed = fileSchema.safeParse(parseJson(await readFile(path, 'utf8')))
    if (!parsed.success)
      throw new Error(`${path} is damaged. Restore it from your backup: it holds the keys of the audit log.`)
    seen = mark
    return parsed.data.keys
  }
  return {
    read,
    readIfChanged: async () => ((await look()) === seen ? null : await read()),
    async write(keys) {
      await writePrivateFile(path, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`)
      seen = (await look()) ?? ''
    },
  }
}

/** For a log whose key is given from outside and never changes. */
export function keyFileInMemory(): KeyFile {
  let kept: StoredKey[] | null = null
  return {
    read: async () => kept,
    readIfChanged: async () => null,
    async write(keys) {
      kept = keys
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
