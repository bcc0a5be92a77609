// The one bootstrap: every root script goes through it. Plain JavaScript without dependencies, for Node 18 and
// newer: it installs, builds and finds what a command needs, then starts Node 24. Its own words go to stderr,
// so that a command's JSON stays alone on stdout.
import { join } from 'node:path'
import { buildPages } from './setup/build-pages.mjs'
import { findTools } from './setup/find-tools.mjs'
import { installPackages } from './setup/install-packages.mjs'
import { checkRuntime, node24 } from './setup/node-runtime.mjs'
import { startAndFollow } from './setup/start.mjs'
import { Refusal, ROOT, say } from './setup/terminal.mjs'

/**
 * What each command starts, and needs: media is ffmpeg, browser Chromium, redis a Redis server, pages a build of the Next pages
 * (which `test` makes itself, as one of its steps).
 * `only`: a part of it that needs these and nothing else, where it is the only one asked for.
 * @typedef {{media?: boolean, browser?: boolean, redis?: boolean, pages?: boolean}} Needs
 * @type {Record<string, Needs & {script: string, mode?: string, only?: Record<string, Needs>}>}
 */
const COMMANDS = {
  up: { script: 'portal/src/server.ts', media: usesEngine(), pages: true, mode: 'production' },
  dev: { script: 'portal/src/server.ts', media: usesEngine(), mode: 'development' },
  portal: { script: 'portal/src/cli/main.ts' },
  test: { script: 'scripts/test.mjs', media: true, browser: true, redis: true },
  job: { script: 'tests/job/run.ts', media: true, browser: true, pages: true },
  conformance: { script: 'tests/conformance/run.ts', media: true },
  corpus: { script: 'tests/corpus/run.ts', media: true },
  faults: {
    script: 'tests/faults/run.ts',
    ...{ media: true, browser: true, pages: true },
    only: { stores: { redis: true } },
  },
  bench: {
    script: 'tests/load/run.ts',
    ...{ media: true, browser: true, pages: true },
    only: { limits: { redis: true } },
  },
  matrix: { script: 'tests/matrix/run.ts', media: true, pages: true },
  model: { script: 'tests/model/run.ts' },
  tamper: { script: 'tests/tamper/run.ts' },
  drill: { script: 'tests/drill/run.ts', media: true },
  limits: { script: 'tests/limits/run.ts', redis: true },
  scan: { script: 'tests/scan/run.ts', media: true, pages: true },
  screenshots: { script: 'tests/screenshots/run.ts', media: true, browser: true, pages: true },
  trace: { script: 'scripts/trace.mjs' },
  asvs: { script: 'tests/asvs/run.ts' },
}

/** Where Node keeps compiled modules: a third of the portal's start is compiling otherwise. */
const NODE_COMPILE_CACHE = join(ROOT, '.artifacts/compile-cache')

async function main([name = '', ...args]) {
  const command = COMMANDS[name]
  if (!command)
    throw new Refusal(`There is no command "${name}". There are: ${Object.keys(COMMANDS).join(', ')}.`)
  checkRuntime()
  // Tools first: where they can't be had, a person should know before minutes of installing.
  const needs = needsOf(command, args)
  const tools = await findTools(needs)
  await installPackages()
  if (needs.pages) await buildPages()
  const env = {
    NODE_COMPILE_CACHE,
    ...process.env,
    ...tools,
    ...(command.mode ? { NODE_ENV: command.mode } : {}),
  }
  return await startAndFollow(node24(), [join(ROOT, command.script), ...args], env)
}

/** @param {Needs & {only?: Record<string, Needs>}} command @returns {Needs} */
function needsOf(command, args) {
  const parts = args.filter((arg) => arg in (command.only ?? {}))
  const [part] = args.filter((arg) => !arg.startsWith('-'))
  return (parts.length === 1 && part === parts[0] && command.only?.[part]) || command
}

// On Mux's cloud, and in a process that only serves pages, nothing here touches media.
function usesEngine(env = process.env) {
  return !env.MUX_TOKEN_ID && (!env.ROLES || /engine|worker/.test(env.ROLES))
}

main(process.argv.slice(2)).catch((error) => {
  say(error instanceof Refusal ? error.message : (error?.stack ?? String(error)))
  process.exit(1)
})
