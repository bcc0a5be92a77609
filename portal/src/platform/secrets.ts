import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { newToken } from './crypto.ts'

const secretsSchema = z.strictObject({
  /** 32 bytes, base64url: everything at rest hangs on it. */
  masterKey: z.string().length(43),
  /** Ed25519 PKCS#8 PEM: the first key of the audit log, until another has taken its place. */
  auditSigningKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----').optional(),
  engineTokenId: z.string().min(16),
  engineTokenSecret: z.string().min(32),
  engineSessionSecret: z.string().min(32),
  webhookSecret: z.string().min(32),
  cronSecret: z.string().min(32),
})

export type Secrets = z.infer<typeof secretsSchema>

/**
 * Reads the secrets file, or makes it at the first start (mode 600, written whole, then renamed).
 * @throws Error with what to do where the file is unreadable, incomplete, or open to others
 */
export async function loadSecrets(file: string): Promise<Secrets> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Error(`${file} can't be read (${error.code}). Run the portal as the user who owns it.`)
  })
  if (text === null) return await createSecrets(file)
  if ((await stat(file)).mode & 0o077) await chmod(file, 0o600)
  const parsed = secretsSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Error(
    `${file} is damaged (${parsed.error.issues[0]?.path.join('.') || 'not JSON'}). Restore it from your backup; without it, sealed data can't be read.`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function createSecrets(file: string): Promise<Secrets> {
  const secrets: Secrets = {
    masterKey: randomBytes(32).toString('base64url'),
    auditSigningKey: generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
    engineTokenId: randomBytes(16).toString('hex'),
    engineTokenSecret: newToken(),
    engineSessionSecret: newToken(),
    webhookSecret: newToken(),
    cronSecret: newToken(),
  }
  await writePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}

/** Forgets the audit log's first key, once it may not sign any more. */
export async function forgetAuditSigningKey(file: string, secrets: Secrets): Promise<void> {
  const { auditSigningKey: _, ...kept } = secrets
  await writePrivateFile(file, `${JSON.stringify(kept, null, 2)}\n`)
}

/** Writes a file that only its owner reads, whole or not at all, and on the disk when this returns. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.tmp`
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
