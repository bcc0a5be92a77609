import { generateKeyPairSync, hash, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { newToken, seal, unseal } from './crypto.ts'
import { createPrivateFile, readPrivateFile, writePrivateFile } from './private-file.ts'

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

/** The keys of the audit log, sealed by the data key, in a file beside the secrets. */
export const auditKeyFile = (settings: { SECRETS_FILE: string }): string =>
  join(dirname(settings.SECRETS_FILE), 'audit-keys.json')

const PLACE = 'secrets file'

/**
 * Reads the secrets, or makes them and their master key at the first start. A file that still lies open is sealed.
 * @throws Error with what to do where a file is unreadable or damaged, or the two do not belong together
 */
export async function loadSecrets(files: SecretFiles): Promise<Secrets> {
  const text = await readPrivateFile(files.file)
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
  if (boxes[markOf(key)] === undefined && (await readPrivateFile(files.file)) !== text)
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
  const key = await makeMasterKey(files.masterKeyFile)
  await createPrivateFile(files.file, sealedText(secrets, [key]))
  // Another one that started at the same moment may have been first: its secrets are everybody's.
  return await loadSecrets(files)
}

/** Writes the file anew with what this makes of it. One at a time: see aloneWithSecrets. */
export async function changeSecrets(files: SecretFiles, change: (read: Secrets) => Secrets): Promise<void> {
  await writeSealed(files.file, change(await loadSecrets(files)), [await readMasterKey(files)])
}

/**
 * Looks at the file, and reads it where it is another than at the last look; at the first one in any case, as what the
 * caller has read may have changed since. Synchronous: sealing does not wait.
 */
export function watchSecrets(files: SecretFiles): () => Secrets | null {
  const look = () => {
    const { ino, mtimeMs, size } = statSync(files.file)
    return `${ino}:${mtimeMs}:${size}`
  }
  let seen = ''
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

/** Which master key is in use, and one that may take its place; the marks tell nothing of them. */
export async function prepareMasterKey(files: SecretFiles) {
  const made = randomBytes(32)
  return { made, from: markOf(await readMasterKey(files)), to: markOf(made) }
}

/**
 * Puts a new master key in the old one's place. Whoever runs goes on with what they have read; whoever starts at any
 * moment, also after a crash between two steps, finds a key that opens the file.
 */
export async function rotateMasterKey(files: SecretFiles, made: Buffer): Promise<void> {
  const old = await readMasterKey(files)
  const secrets = await loadSecrets(files)
  await writeSealed(files.file, secrets, [old, made])
  await writePrivateFile(files.masterKeyFile, `${made.toString('base64url')}\n`)
  await writeSealed(files.file, secrets, [made])
}

/** Which key it is, without a hint at what it is. */
const markOf = (key: Buffer): string =>
  hash('sha256', Buffer.concat([Buffer.from('master key '), key]), 'hex').slice(0, 16)

async function writeSealed(file: string, secrets: Secrets, keys: Buffer[]): Promise<void> {
  await writePrivateFile(file, sealedText(secrets, keys))
}

function sealedText(secrets: Secrets, keys: Buffer[]): string {
  const plain = JSON.stringify(secrets)
  const boxes = Object.fromEntries(
    keys.map((key) => [markOf(key), seal(key, plain, PLACE).toString('base64')]),
  )
  return `${JSON.stringify({ version: 2, boxes })}\n`
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
  const text = await readPrivateFile(masterKeyFile)
  if (text === null)
    throw new Error(
      `${masterKeyFile} is missing: without it ${file} can't be opened. Restore it from your backup.`,
    )
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== 32) throw new Error(`${masterKeyFile} is no key of 32 bytes (base64url).`)
  return key
}

/** Whoever comes first makes it: two that start at once must not each have their own. */
async function makeMasterKey(file: string): Promise<Buffer> {
  await createPrivateFile(file, `${randomBytes(32).toString('base64url')}\n`)
  return await readMasterKey({ file: 'the secrets file', masterKeyFile: file })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
