import { describe, expect, it } from 'vitest'
import { AppError } from './errors.ts'
import { createOutbound } from './outbound.ts'

const fails = () => Promise.reject(new Error('ECONNREFUSED'))
const works = () => Promise.resolve('ok')

describe('calls to other services', () => {
  it('end at their deadline even where the callee ignores the signal', async () => {
    const outbound = createOutbound({ name: 'The service', deadlineMs: 20 })
    await expect(outbound(() => new Promise(() => {}))).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('abort the signal at the deadline', async () => {
    const outbound = createOutbound({ name: 'The service', deadlineMs: 20 })
    let seen: AbortSignal | undefined
    await outbound((signal) => {
      seen = signal
      return new Promise(() => {})
    }).catch(() => {})
    expect(seen?.aborted).toBe(true)
  })

  it('[ASVS-16.5.2] are refused while the circuit is open, then one call tries', async () => {
    let now = 0
    const options = { name: 'The service', deadlineMs: 1000, failuresToOpen: 3, openForMs: 500 }
    const outbound = createOutbound({ ...options, monotonicMs: () => now })
    for (let i = 0; i < 3; i++) await outbound(fails).catch(() => {})
    let called = 0
    const counted = () => {
      called += 1
      return works()
    }
    await expect(outbound(counted)).rejects.toMatchObject({ code: 'unavailable' })
    expect(called).toBe(0)
    now = 500
    const probes = [outbound(counted), outbound(counted)]
    await expect(probes[0]).resolves.toBe('ok')
    await expect(probes[1]).rejects.toMatchObject({ code: 'unavailable' })
    expect(called).toBe(1)
    await expect(outbound(works)).resolves.toBe('ok')
  })

  it('that are answered with a refusal do not open the circuit', async () => {
    const outbound = createOutbound({ name: 'The service', deadlineMs: 1000, failuresToOpen: 1 })
    await expect(outbound(() => Promise.reject(new AppError('conflict')))).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(outbound(works)).resolves.toBe('ok')
  })

  it('whose failure is an answer by the service about what was asked do not open the circuit', async () => {
    const isAnswer = (error: unknown) => error instanceof Error && error.message === 'HTTP 422'
    const outbound = createOutbound({ name: 'The service', deadlineMs: 1000, failuresToOpen: 2, isAnswer })
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(outbound(() => Promise.reject(new Error('HTTP 422')))).rejects.toThrow('HTTP 422')
    }
    await outbound(fails).catch(() => {})
    await expect(outbound(() => Promise.reject(new Error('HTTP 422')))).rejects.toThrow('HTTP 422')
    await outbound(fails).catch(() => {})
    await expect(outbound(works)).resolves.toBe('ok')
  })
})
