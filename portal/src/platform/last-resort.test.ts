import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { catchTheRest } from './last-resort.ts'

function watched() {
  const process = new EventEmitter()
  const reported: { error: unknown; context: object | undefined }[] = []
  const state = { now: 0, givenUp: 0 }
  const stop = catchTheRest({
    errors: {
      report: async (error, context) => void reported.push({ error, context }),
      flush: async () => {},
    },
    elapsed: () => state.now,
    giveUp: () => void state.givenUp++,
    on: process,
  })
  return { process, reported, state, stop }
}

it('[ASVS-16.5.4] an error that nobody caught is reported, and the process goes on', () => {
  const { process, reported, state, stop } = watched()
  const error = new Error('stray')
  process.emit('uncaughtException', error)
  process.emit('unhandledRejection', 'a text')
  expect(reported).toEqual([
    { error, context: { kind: 'uncaught_exception' } },
    { error: 'a text', context: { kind: 'unhandled_rejection' } },
  ])
  expect(state.givenUp).toBe(0)
  stop()
  expect(process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')).toBe(0)
})

it('[ASVS-16.5.4] where they come in numbers within a minute, the process is ended in order', () => {
  const { process, state } = watched()
  for (let n = 0; n < 20; n++) process.emit('unhandledRejection', n)
  state.now = 60_000
  for (let n = 0; n < 20; n++) process.emit('unhandledRejection', n)
  expect(state.givenUp).toBe(0)
  process.emit('uncaughtException', new Error('one more'))
  expect(state.givenUp).toBe(1)
})
