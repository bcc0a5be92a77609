import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from './catalogue.ts'

/** Every source of portal and engine that is no test, by its path. */
export function readSources(folders = ['portal/src', 'engine/src']): Map<string, string> {
  return new Map(folders.flatMap(filesOf).map((file) => [file, readFileSync(ROOT + file, 'utf8')]))
}

function filesOf(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesOf(path)
    return /\.(ts|tsx|mjs|js)$/.test(entry.name) && !/\.test\.|\.d\.m?ts$|contract\.ts$/.test(entry.name)
      ? [path]
      : []
  })
}
