import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { oneAtATime } from './one-at-a-time.mjs'
import { Refusal, ROOT, runLoudly, say } from './terminal.mjs'

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_CHROMIUMS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Package names by manager, tried in order; each manager's way to install without questions. */
const MANAGERS = {
  'apt-get': {
    refresh: ['update', '-q'],
    install: ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'],
    ffmpeg: ['ffmpeg'],
    chromium: ['chromium'],
    'redis-server': ['redis-server'],
  },
  dnf: {
    install: ['install', '-y'],
    ffmpeg: ['ffmpeg', 'ffmpeg-free'],
    chromium: ['chromium'],
    'redis-server': ['redis', 'valkey-compat-redis'],
  },
  apk: {
    refresh: ['update'],
    install: ['add'],
    ffmpeg: ['ffmpeg'],
    chromium: ['chromium'],
    'redis-server': ['redis'],
  },
  brew: {
    install: ['install'],
    ffmpeg: ['ffmpeg'],
    chromium: ['--cask', 'chromium'],
    'redis-server': ['redis'],
  },
}

/** Absolute path of a program in the PATH, or null. @param {string} name @param {NodeJS.ProcessEnv} env */
export function which(name, env = process.env) {
  const places = isAbsolute(name)
    ? [name]
    : (env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
  return places.find(isProgram) ?? null
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * ffmpeg and ffprobe, as settings for the portal: those that are set, or those of the system. null if missing.
 * @param {NodeJS.ProcessEnv} env @throws {Refusal} where FFMPEG_PATH leads nowhere
 */
export function findMedia(env) {
  const ffmpeg = which(env.FFMPEG_PATH || 'ffmpeg', env)
  if (env.FFMPEG_PATH && !ffmpeg)
    throw new Refusal(`FFMPEG_PATH is ${env.FFMPEG_PATH}, and there is no such program.`)
  if (!ffmpeg) return null
  const beside = join(dirname(ffmpeg), 'ffprobe')
  const ffprobe = which(env.FFPROBE_PATH || beside, env) ?? which('ffprobe', env)
  return ffprobe && { FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe }
}

/** @param {NodeJS.ProcessEnv} env @throws {Refusal} where CHROMIUM_PATH leads nowhere */
export function findBrowser(env) {
  if (env.CHROMIUM_PATH && !which(env.CHROMIUM_PATH, env)) {
    throw new Refusal(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}, and there is no such program.`)
  }
  const names = env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : [...CHROMIUMS, ...MAC_CHROMIUMS]
  for (const name of names) {
    const path = which(name, env)
    if (path) return { CHROMIUM_PATH: path }
  }
  return null
}

/** @param {NodeJS.ProcessEnv} env @throws {Refusal} where REDIS_SERVER_PATH leads nowhere */
export function findRedis(env) {
  const path = which(env.REDIS_SERVER_PATH || 'redis-server', env)
  if (env.REDIS_SERVER_PATH && !path)
    throw new Refusal(`REDIS_SERVER_PATH is ${env.REDIS_SERVER_PATH}, and there is no such program.`)
  return path && { REDIS_SERVER_PATH: path }
}

/**
 * Finds the programs that a command needs, installing those that are missing with the system's package manager.
 * @param {{media?: boolean, browser?: boolean, redis?: boolean}} needs @returns {Promise<Record<string, string>>} their settings
 */
export async function findTools(needs) {
  const wanted = [
    needs.media && { name: 'ffmpeg', find: findMedia, setting: 'FFMPEG_PATH' },
    needs.browser && { name: 'chromium', find: findBrowser, setting: 'CHROMIUM_PATH' },
    needs.redis && { name: 'redis-server', find: findRedis, setting: 'REDIS_SERVER_PATH' },
  ].filter(Boolean)
  const missing = wanted.filter(({ find }) => !find(process.env))
  if (missing.length) await install(missing)
  return Object.assign({}, ...wanted.map(({ find }) => find(process.env)))
}

async function install(missing) {
  const manager = Object.keys(MANAGERS).find((name) => which(name))
  const prefix = manager ? howToBeRoot(manager) : null
  if (!manager || !prefix) throw new Refusal(missing.map((tool) => whatToDo(tool, manager)).join('\n'))
  const { refresh, install: verb } = MANAGERS[manager]
  const [file, ...before] = [...prefix, manager]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const call = (args) => runLoudly(file, [...before, ...args], env)
  await oneAtATime(join(ROOT, '.artifacts/setup.lock'), async () => {
    if (refresh) await call(refresh)
    for (const tool of missing.filter(({ find }) => !find(process.env))) {
      say(`${tool.name} is missing; installing it with ${manager}`)
      for (const names of alternatives(manager, tool.name)) {
        if ((await call([...verb, ...names])) === 0) break
      }
      if (!tool.find(process.env))
        throw new Refusal(`${manager} could not install ${tool.name}. ${whatToDo(tool, manager)}`)
    }
  })
}

function alternatives(manager, tool) {
  const names = MANAGERS[manager][tool]
  return manager === 'brew' ? [names] : names.map((name) => [name])
}

/** How this user may install: [] as it is, by sudo without a question, or null for not at all. */
function howToBeRoot(manager) {
  if (manager === 'brew' || process.getuid?.() === 0) return []
  if (which('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive']
  }
  return null
}

function whatToDo(tool, manager) {
  const names = manager ? MANAGERS[manager][tool.name] : null
  const how = names
    ? `${manager === 'brew' ? '' : 'sudo '}${manager} install ${names.join(' ')}`
    : `your system's package manager`
  return `${tool.name} is missing: install it with ${how}, or set ${tool.setting} to where it is.`
}
