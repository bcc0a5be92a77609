import { generateKeyPairSync, hash, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { deriveKey, newToken, seal, unseal } from './crypto.ts'
import { type SealKey, sealKeyId } from './seal-ring.ts'

const key = z.string().length(43)

/** Secrets that a command replaces while those before them hold on for a while. */
export const PAST_NAMES = ['auth', 'metrics', 'cron', 'marks'] as const
export type PastName = (typeof PAST_NAMES)[number]

const secretsSchema = z.strictObject({
  /** 32 bytes, base64url: every key that seals or hashes at rest is derived from it, until it is replaced. */
  dataKey: key.optional(),
  /** What was derived from it for other purposes than sealing, once it has been replaced. */
  roots: z
    .strictObject({
      ...{ hash: key, auth: key, statement: key, metrics: key },
      /** Until it is replaced for the first time, the key of hashes. */
      marks: key.optional(),
    })
    .optional(),
  /** The keys that seal, newest first, once the data key has been replaced. */
  sealKeys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{10}$/),
        key,
        since: z.iso.datetime(),
        unnamed: z.boolean(),
      }),
    )
    .min(1)
    .optional(),
  /** Secrets that were replaced, and until when each still holds; newest first. */
  past: z
    .array(
      z.strictObject({
        name: z.enum(PAST_NAMES),
        value: z.string().min(32),
        until: z.iso.datetime(),
        ended: z.boolean().optional(),
      }),
    )
    .optional(),
  /** Ed25519 PKCS#8 PEM: the first key of the audit log, until another has taken its place. */
  auditSigningKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----').optional(),
  engineTokenId: z.string().min(16),
  engineTokenSecret: z.string().min(32),
  engineSessionSecret: z.string().min(32),
  webhookSecret: z.string().min(32),
  cronSecret: z.string().min(32),
})

export type Secrets = z.infer<typeof secretsSchema>

/** As the file was before it was sealed: its master key was the data key itself. */
const openSchema = secretsSchema
  .omit({ dataKey: true, roots: true, sealKeys: true, past: true })
  .extend({ masterKey: key })
/** The secrets under a master key; under two while one takes the other's place. */
const sealedSchema = z.strictObject({ version: z.literal(2), boxes: z.record(z.string(), z.string()) })

/** The secrets, sealed, and the key that opens them: the one thing that no file beside them should hold. */
export type SecretFiles = { file: string; masterKeyFile: string }

export const secretFiles = (settings: { SECRETS_FILE: string; MASTER_KEY_FILE: string }): SecretFiles => ({
  file: settings.SECRETS_FILE,
  masterKeyFile: settings.MASTER_KEY_FILE,
})

const PLACE = 'secrets file'

/**
 * Reads the secrets, or makes them and their master key at the first start. A file that still lies open is sealed.
 * @throws Error with what to do where a file is unreadable or damaged, or the two do not belong together
 */
export async function loadSecrets(files: SecretFiles): Promise<Secrets> {
  const text = await readOwn(files.file)
  if (text === null) return await createSecrets(files)
  const stored = parseJson(text)
  const sealed = sealedSchema.safeParse(stored)
  if (sealed.success) return await openSealed(sealed.data.boxes, text, files)
  const before = openSchema.safeParse(stored)
  if (!before.success) throw damaged(files.file, before.error.issues[0]?.path.join('.') || 'not JSON')
  const { masterKey: dataKey, ...others } = before.data
  const secrets = { dataKey, ...others }
  await writeSealed(files.file, secrets, [await makeMasterKey(files.masterKeyFile)])
  return secrets
}

/** A key without a box came by a rotation between the two looks, if the file has changed meanwhile: it is read again. */
async function openSealed(boxes: Record<string, string>, text: string, files: SecretFiles): Promise<Secrets> {
  const key = await readMasterKey(files)
  if (boxes[markOf(key)] === undefined && (await readOwn(files.file)) !== text)
    return await loadSecrets(files)
  return openBoxes(boxes, key, files)
}

async function createSecrets(files: SecretFiles): Promise<Secrets> {
  const secrets: Secrets = {
    dataKey: randomBytes(32).toString('base64url'),
    auditSigningKey: generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
    engineTokenId: randomBytes(16).toString('hex'),
    engineTokenSecret: newToken(),
    engineSessionSecret: newToken(),
    webhookSecret: newToken(),
    cronSecret: newToken(),
  }
  await writeSealed(files.file, secrets, [await makeMasterKey(files.masterKeyFile)])
  return secrets
}

const text = (derived: Buffer) => derived.toString('base64url')

/** Keys for all but sealing. @throws Error where the file has neither them nor what they are derived from */
export function rootsOf({
  dataKey,
  roots,
}: Pick<Secrets, 'dataKey' | 'roots'>): NonNullable<Secrets['roots']> {
  if (roots) return roots
  if (dataKey === undefined) throw new Error('The secrets file has no data key: restore it from your backup.')
  const master = Buffer.from(dataKey, 'base64url')
  return {
    hash: text(deriveKey(master, 'hash')),
    auth: text(deriveKey(master, 'auth')),
    statement: text(deriveKey(master, 'staging statement')),
    metrics: text(deriveKey(master, 'metrics')),
  }
}

/** Keys that seal, newest first. */
export function sealKeysOf({ dataKey, sealKeys }: Pick<Secrets, 'dataKey' | 'sealKeys'>): SealKey[] {
  if (sealKeys) return sealKeys.map((one) => ({ ...one, key: Buffer.from(one.key, 'base64url') }))
  if (dataKey === undefined) throw new Error('The secrets file has no data key: restore it from your backup.')
  const first = deriveKey(Buffer.from(dataKey, 'base64url'), 'seal')
  return [{ id: sealKeyId(first), key: first, since: new Date(0).toISOString(), unnamed: true }]
}

/**
 * Puts a new key in front of those that seal; older ones go on opening. The data key itself is gone from the file with
 * it: what else was derived from it stands by itself.
 */
export async function addSealKey(files: SecretFiles, now: Date): Promise<string> {
  const read = await loadSecrets(files)
  const { dataKey: _, ...kept } = read
  const made = randomBytes(32)
  const sealKeys = [
    { id: sealKeyId(made), key: made, since: now.toISOString(), unnamed: false },
    ...sealKeysOf(read),
  ].map((one) => ({ ...one, key: text(one.key) }))
  await writeSealed(files.file, { ...kept, roots: rootsOf(read), sealKeys }, [await readMasterKey(files)])
  return sealKeyId(made)
}

/** Takes these keys out of the file, but never the newest: what they sealed can't be opened any more. */
export async function dropSealKeys(files: SecretFiles, ids: readonly string[]): Promise<void> {
  const secrets = await loadSecrets(files)
  const [newest, ...older] = secrets.sealKeys ?? []
  if (!newest) return
  const sealKeys = [newest, ...older.filter(({ id }) => !ids.includes(id))]
  await writeSealed(files.file, { ...secrets, sealKeys }, [await readMasterKey(files)])
}

/** Writes the file anew with what this makes of it. One at a time: see aloneWithSecrets. */
export async function changeSecrets(files: SecretFiles, change: (read: Secrets) => Secrets): Promise<void> {
  await writeSealed(files.file, change(await loadSecrets(files)), [await readMasterKey(files)])
}

/** Looks at the file, and reads it where it is another than at the last look. Synchronous: sealing does not wait. */
export function watchSecrets(files: SecretFiles): () => Secrets | null {
  const look = () => {
    const { ino, mtimeMs, size } = statSync(files.file)
    return `${ino}:${mtimeMs}:${size}`
  }
  let seen = look()
  return () => {
    const mark = look()
    if (mark === seen) return null
    const key = Buffer.from(readFileSync(files.masterKeyFile, 'utf8').trim(), 'base64url')
    const { boxes } = sealedSchema.parse(parseJson(readFileSync(files.file, 'utf8')))
    // Within a change of the master key the two do not fit for a moment: the next look tells.
    if (boxes[markOf(key)] === undefined) return null
    seen = mark
    return openBoxes(boxes, key, files)
  }
}

/** Forgets the audit log's first key, once it may not sign any more. The file is read anew: its other keys may have changed. */
export async function forgetAuditSigningKey(files: SecretFiles): Promise<void> {
  await changeSecrets(files, ({ auditSigningKey: _, ...kept }) => kept)
}

/**
 * Puts a new master key in the old one's place. Whoever runs goes on with what they have read; whoever starts at any
 * moment, also after a crash between two steps, finds a key that opens the file.
 * @returns the new key's mark, which tells nothing of it
 */
export async function rotateMasterKey(files: SecretFiles): Promise<{ from: string; to: string }> {
  const old = await readMasterKey(files)
  const made = randomBytes(32)
  const secrets = await loadSecrets(files)
  await writeSealed(files.file, secrets, [old, made])
  await writePrivateFile(files.masterKeyFile, `${made.toString('base64url')}\n`)
  await writeSealed(files.file, secrets, [made])
  return { from: markOf(old), to: markOf(made) }
}

/** Which key it is, without a hint at what it is. */
const markOf = (key: Buffer): string =>
  hash('sha256', Buffer.concat([Buffer.from('master key '), key]), 'hex').slice(0, 16)

async function writeSealed(file: string, secrets: Secrets, keys: Buffer[]): Promise<void> {
  const plain = JSON.stringify(secrets)
  const boxes = Object.fromEntries(
    keys.map((key) => [markOf(key), seal(key, plain, PLACE).toString('base64')]),
  )
  await writePrivateFile(file, `${JSON.stringify({ version: 2, boxes })}\n`)
}

function openBoxes(
  boxes: Record<string, string>,
  key: Buffer,
  { file, masterKeyFile }: SecretFiles,
): Secrets {
  const box = boxes[markOf(key)]
  if (!box)
    throw new Error(
      `${masterKeyFile} is not the key of ${file}: restore the one that belongs to it from your backup.`,
    )
  try {
    return secretsSchema.parse(parseJson(unseal(key, Buffer.from(box, 'base64'), PLACE).toString()))
  } catch {
    throw damaged(file, 'its seal is broken')
  }
}

function damaged(file: string, what: string): Error {
  return new Error(
    `${file} is damaged (${what}). Restore it from your backup; without it, sealed data can't be read.`,
  )
}

async function readMasterKey({ file, masterKeyFile }: SecretFiles): Promise<Buffer> {
  const text = await readOwn(masterKeyFile)
  if (text === null)
    throw new Error(
      `${masterKeyFile} is missing: without it ${file} can't be opened. Restore it from your backup.`,
    )
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== 32) throw new Error(`${masterKeyFile} is no key of 32 bytes (base64url).`)
  return key
}

/** Made by whoever comes first: two that start at once must not each have their own. */
async function makeMasterKey(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  await writePrivateFile(draft, `${randomBytes(32).toString('base64url')}\n`)
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft, { force: true })
  return await readMasterKey({ file: 'the secrets file', masterKeyFile: file })
}

/** A file of ours; null where there is none. What others may read is closed to them. */
async function readOwn(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Error(`${file} can't be read (${error.code}). Run the portal as the user who owns it.`)
  })
  // A key that a vault mounts read-only keeps the mode that the vault gave it.
  if (text !== null && (await stat(file)).mode & 0o077) await chmod(file, 0o600).catch(() => undefined)
  return text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Writes a file that only its owner reads, whole or not at all, and on the disk when this returns. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
