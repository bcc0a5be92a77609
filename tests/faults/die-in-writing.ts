// Loaded before a program (`node --import`): it is killed at the moment FAULTS_MOMENT of writing the file FAULTS_FILE anew.
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { dirname } from 'node:path'

const { FAULTS_FILE = '', FAULTS_MOMENT = '' } = process.env
const { open, rename } = promises
let renamed = false

function dieAt(moment: string): void {
  if (moment === FAULTS_MOMENT) process.kill(process.pid, 'SIGKILL')
}

promises.open = async (path, ...options) => {
  const handle = await open(path, ...options)
  if (`${path}`.startsWith(`${FAULTS_FILE}.`)) {
    dieAt('a draft is there, and empty')
    if (FAULTS_MOMENT === 'half of it is written') handle.writeFile = (text) => writeHalf(handle, `${text}`)
  }
  if (renamed && path === dirname(FAULTS_FILE)) {
    const sync = handle.sync.bind(handle)
    handle.sync = async () => {
      await sync()
      dieAt('it is on the disk')
    }
  }
  return handle
}

async function writeHalf(handle: FileHandle, text: string): Promise<void> {
  await handle.write(text.slice(0, text.length / 2))
  await handle.datasync()
  dieAt('half of it is written')
}

promises.rename = async (from, to) => {
  if (to === FAULTS_FILE) dieAt('the draft is whole')
  await rename(from, to)
  if (to !== FAULTS_FILE) return
  renamed = true
  dieAt('it has taken its place')
}

// What other modules have imported by name follows.
syncBuiltinESMExports()
