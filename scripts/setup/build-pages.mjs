import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { node24 } from './node-runtime.mjs'
import { oneAtATime } from './one-at-a-time.mjs'
import { findRunning } from './running.mjs'
import { Refusal, ROOT, runLoudly } from './terminal.mjs'

const PORTAL = join(ROOT, 'portal')
const STAMP = join(PORTAL, '.next/built-from')
const INPUTS = [
  ...['src', 'public', 'package.json', 'tsconfig.json'],
  ...['next.config.ts', 'vite.config.ts', 'postcss.config.mjs'],
]

// Next's pages, and the viewer's, which is built apart: its script, then what it shows before that runs.
const vite = [
  join(ROOT, 'node_modules/vite/bin/vite.js'),
  ...['build', PORTAL, '--config', join(PORTAL, 'vite.config.ts'), '--configLoader', 'native'],
]
const BUILDS = [[join(ROOT, 'node_modules/next/dist/bin/next'), 'build', PORTAL], vite, [...vite, '--ssr']]

/**
 * Builds the pages if, and only if, a source of theirs or the lockfile differs from what was built.
 * @param {number} [output] open file that is told what the build says
 */
export async function buildPages(output = 2) {
  if (isBuilt(sourcesHash())) return
  await oneAtATime(join(ROOT, '.artifacts/setup.lock'), async () => {
    const hash = sourcesHash()
    if (isBuilt(hash)) return
    const running = findRunning()
    if (running) {
      throw new Refusal(
        `The pages changed, but ${running.what} (process ${running.pid}) runs on the built ones: stop it, then try again.`,
      )
    }
    writeSync(output, 'building the pages (only after a source changed)\n')
    const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
    for (const args of BUILDS) {
      const status = await runLoudly(node24(), args, env, output)
      if (status !== 0)
        throw new Refusal(`The pages can't be built (status ${status}): the reason stands above.`)
    }
    writeFileSync(STAMP, hash)
  })
}

function isBuilt(hash) {
  return (
    existsSync(join(PORTAL, '.next/BUILD_ID')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash
  )
}

function sourcesHash() {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const input of INPUTS) add(hash, join(PORTAL, input), input)
  return hash.digest('hex')
}

function add(hash, path, name) {
  if (!existsSync(path)) return
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) add(hash, join(path, entry), `${name}/${entry}`)
  } else if (!/\.test\.tsx?$/.test(name)) {
    hash.update(`\0${name}\0`).update(readFileSync(path))
  }
}
