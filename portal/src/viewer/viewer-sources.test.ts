import { readFileSync } from 'node:fs'
import { dirname, join, matchesGlob, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const VIEWER = fileURLToPath(new URL('.', import.meta.url))
const PORTAL = resolve(VIEWER, '..')

/** Every file with markup that the page can come to load, from its entry on. */
function partsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([.#][^']+\.tsx?)'/g))
    partsOf(
      from.startsWith('#portal/')
        ? join(PORTAL, from.slice('#portal/'.length))
        : resolve(dirname(file), from),
      seen,
    )
  return seen
}

it('the stylesheet of the viewer’s page looks into every part that the page is made of', () => {
  const css = readFileSync(join(VIEWER, 'viewer.css'), 'utf8')
  const sources = [...css.matchAll(/@source "([^"]+)"/g)].map(([, glob = '']) => resolve(VIEWER, glob))
  const parts = [...partsOf(join(VIEWER, 'main.tsx'))].filter((file) => file.endsWith('.tsx'))
  expect(parts.length).toBeGreaterThan(30)
  const unseen = parts.filter(
    (file) => !sources.some((glob) => matchesGlob(file, glob.endsWith('.tsx') ? glob : `${glob}/**`)),
  )
  expect(unseen.map((file) => file.slice(PORTAL.length + 1))).toEqual(['viewer/main.tsx'])
})
