// Loaded before a program (`node --import`): its clock is ahead by as many milliseconds as FAULTS_CLOCK_FILE says now.
import { readFileSync } from 'node:fs'

const FILE = process.env.FAULTS_CLOCK_FILE ?? ''
const READ_EVERY_MS = 50
const RealDate = Date
const realNow = Date.now

let offset = 0
let readAt = Number.NEGATIVE_INFINITY

function now(): number {
  if (performance.now() - readAt > READ_EVERY_MS) {
    readAt = performance.now()
    const read = Number(readFileSync(FILE, 'utf8'))
    // Empty while it is being written.
    if (read > 0) offset = read
  }
  return realNow() + offset
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: [], made) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], made === globalThis.Date ? target : made),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name, target)),
})
