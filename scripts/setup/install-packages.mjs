import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join, sep } from 'node:path'
import { oneAtATime } from './one-at-a-time.mjs'
import { findRunning } from './running.mjs'
import { Refusal, ROOT, runLoudly, say } from './terminal.mjs'

const LOCKFILE = join(ROOT, 'package-lock.json')
const MODULES = join(ROOT, 'node_modules')
const STAMP = join(MODULES, '.installed-for')

/** Installs the packages if, and only if, the lockfile or the system differs from what is installed. */
export async function installPackages() {
  const wanted = wantedStamp()
  if (read(STAMP) === wanted) return
  await oneAtATime(join(ROOT, '.artifacts/setup.lock'), async () => {
    if (read(STAMP) === wanted) return
    if (
      !installedMatches(
        JSON.parse(readFileSync(LOCKFILE, 'utf8')),
        readJson(join(MODULES, '.package-lock.json')),
      )
    ) {
      await npmCi()
    }
    writeFileSync(STAMP, wanted)
  })
}

function wantedStamp() {
  const hash = createHash('sha256').update(readFileSync(LOCKFILE))
  return hash.update(`${process.platform}-${process.arch}`).digest('hex')
}

/**
 * True if what npm noted as installed is what the lockfile wants on this system, as after `npm install`.
 * @param {{packages: Record<string, any>}} lock @param {{packages: Record<string, any>} | null} installed
 */
export function installedMatches(lock, installed, platform = process.platform, arch = process.arch) {
  if (!installed) return false
  const there = new Map(Object.entries(installed.packages))
  const wanted = Object.entries(lock.packages).filter(([path]) => path.includes('node_modules/'))
  for (const [path, entry] of wanted) {
    const found = there.get(path)
    if (!found && (!entry.optional || isMadeFor(entry, platform, arch))) return false
    if (found && !entry.link && found.version !== entry.version) return false
  }
  const names = new Set(wanted.map(([path]) => path))
  return [...there.keys()].every((path) => !path.includes('node_modules/') || names.has(path))
}

// What an optional package of another system needs in turn is left out with it, and says nothing of systems.
function isMadeFor({ os, cpu, libc }, platform, arch) {
  if (!os && !cpu) return false
  return allows(os, platform) && allows(cpu, arch) && !libc?.includes('musl')
}

function allows(list, value) {
  if (!list) return true
  return list.includes(value) || (!list.includes(`!${value}`) && list.every((item) => item.startsWith('!')))
}

async function npmCi() {
  const running = findRunning()
  if (running) {
    throw new Refusal(
      `The packages changed, but ${running.what} (process ${running.pid}) runs on the installed ones: stop it, then try again.`,
    )
  }
  say('installing packages (about a minute; only after the lockfile changed)')
  const [file, ...args] = npmCommand()
  const env = { ...process.env }
  // Without a home that can be written, npm has nowhere to keep its cache.
  if (!canWrite(env.HOME)) env.npm_config_cache = join(ROOT, '.artifacts/npm-cache')
  const flags = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--engine-strict=false',
    '--no-audit',
    '--no-fund',
  ]
  const status = await runLoudly(file, [...args, ...flags, '--loglevel=error'], env)
  if (status !== 0)
    throw new Refusal(
      `npm ci failed (status ${status}): its own words stand above. Try again once the cause is gone.`,
    )
}

// npm must not run on the Node inside node_modules, which it is about to remove.
function npmCommand() {
  const cli = process.env.npm_execpath
  const node = [process.env.npm_node_execpath, process.execPath].find(
    (path) => path && isOutside(path) && existsSync(path),
  )
  if (cli && node && isOutside(cli) && basename(cli) === 'npm-cli.js') return [node, cli]
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .find((path) => isOutside(path) && existsSync(path))
  if (!found) throw new Refusal('npm is missing: install it (Debian: apt-get install npm), then try again.')
  return [found]
}

function isOutside(path) {
  return !path.startsWith(MODULES + sep)
}

function canWrite(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function readJson(file) {
  const text = read(file)
  return text && JSON.parse(text)
}
