import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from './catalogue.ts'

const ID = /\bASVS-(\d+\.\d+\.\d+)\b/g
const TEST_FILE = /(\.test\.(ts|tsx|mjs)|\.feature)$/

/** The requirements that a title or tags name: `[ASVS-7.3.1]` in titles, `@ASVS-7.3.1` on scenarios. */
export function requirementsOf({ title, tags }: { title: string; tags: readonly string[] }): string[] {
  const inBrackets = [...title.matchAll(/\[([^\]]+)\]/g)].map(([, inside]) => inside)
  const named = [...inBrackets, ...tags].flatMap((text) => [...(text ?? '').matchAll(ID)])
  return [...new Set(named.map(([, id]) => id ?? ''))]
}

/** The test files of the tree that name each requirement. */
export function taggedFiles(
  folders = ['portal/src', 'engine/src', 'tests', 'scripts'],
): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of folders.flatMap(testFiles)) {
    const text = readFileSync(ROOT + file, 'utf8')
    const tags = file.endsWith('.feature') ? text.split('\n').filter((line) => /^\s*@/.test(line)) : []
    for (const id of requirementsOf({ title: text, tags })) found.set(id, [...(found.get(id) ?? []), file])
  }
  return found
}

function testFiles(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : testFiles(path)
    return TEST_FILE.test(entry.name) ? [path] : []
  })
}
