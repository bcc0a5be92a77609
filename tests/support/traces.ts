import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestApp } from './test-app.ts'

/** Every row of every table, in every schema, as text: bytea in hex. */
export async function dumpOf(t: Pick<TestApp, 'app'>): Promise<Buffer> {
  const { rows: tables } = await t.app.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  )
  const parts: string[] = []
  for (const { name } of tables) {
    const { rows } = await t.app.pool.query<{ row: string }>(
      `select whole::text as row from ${name} as whole`,
    )
    parts.push(...rows.map(({ row }) => row))
  }
  return Buffer.from(parts.join('\n'))
}

/** Every file below a folder, one after the other. */
export async function filesBelow(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(
    await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
  )
}

/** Plain in each case, hex in each case, and base64 at each of its three offsets, of both alphabets. */
function formsOf(secret: string | Buffer): Buffer[] {
  const bytes = Buffer.from(secret as string)
  const plain = typeof secret === 'string' ? [secret, secret.toLowerCase(), secret.toUpperCase()] : []
  const based = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // What neighbours share is left out on both sides.
    const own = text.slice(offset === 0 ? 0 : 4, Math.floor(((offset + bytes.length) * 4) / 3 / 4) * 4)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const hex = bytes.toString('hex')
  return [bytes, ...[...plain, hex, hex.toUpperCase(), ...based].map((text) => Buffer.from(text))]
}

/** Names of those secrets that stand in these bytes, in any of the forms. */
export const tracesIn = (place: Buffer, secrets: Record<string, string | Buffer>) =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => form.length > 7 && place.includes(form)) ? [name] : [],
  )
