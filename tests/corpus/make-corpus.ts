import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { OddFile } from './odd-file.ts'
import { ODD_FILES } from './odd-files.ts'

/** Beside the files: how an engine has to end with each. */
export const EXPECTATIONS = 'corpus.json'

/** Makes every odd file in a folder with ffmpeg; a file that is there already is kept. */
export async function makeCorpus(folder: string, tell: (line: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of ODD_FILES) {
    const path = join(folder, file.name)
    if (await readFile(path).catch(() => null)) continue
    tell(file.name)
    await make(file, folder, path)
  }
  const expected = Object.fromEntries(ODD_FILES.map(({ name, expect }) => [name, expect]))
  await writeFile(join(folder, EXPECTATIONS), `${JSON.stringify(expected, null, 2)}\n`)
}

async function make(file: OddFile, folder: string, path: string): Promise<void> {
  if (file.bytes) {
    const other = file.from ? await readFile(join(folder, file.from)) : Buffer.alloc(0)
    return await writeFile(path, file.bytes(other))
  }
  const args = file.args?.(folder) ?? []
  const all = ['-v', 'error', '-nostdin', '-y', ...args, path]
  await promisify(execFile)(process.env.FFMPEG_PATH ?? 'ffmpeg', all)
}
