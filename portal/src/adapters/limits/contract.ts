import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LimitPolicy, LimitsPort } from './port.ts'

export type LimitsContractSubject = { port: LimitsPort; stop(): Promise<void> }

const POLICY: LimitPolicy = { name: 'uploads-a-day', limit: 5, windowSeconds: 60 }

/** What every counter of uses must do. */
export function limitsContract(name: string, start: () => Promise<LimitsContractSubject>): void {
  describe(`limits port: ${name}`, () => {
    let subject: LimitsContractSubject
    let port: LimitsPort
    beforeAll(async () => {
      subject = await start()
      port = subject.port
    })
    afterAll(() => subject?.stop())

    it('allows as many as the policy says, then none until the window ends', async () => {
      const verdicts = []
      for (let i = 0; i < 7; i++) verdicts.push(await port.consume(POLICY, 'one'))
      expect(verdicts.map((v) => v.allowed)).toEqual([true, true, true, true, true, false, false])
      expect(verdicts.map((v) => v.remaining)).toEqual([4, 3, 2, 1, 0, 0, 0])
      for (const { resetSeconds } of verdicts) {
        expect(resetSeconds).toBeGreaterThan(0)
        expect(resetSeconds).toBeLessThanOrEqual(60)
      }
    })

    it('counts each key and each policy apart', async () => {
      await port.consume(POLICY, 'two', 5)
      expect(await port.consume(POLICY, 'two')).toMatchObject({ allowed: false })
      expect(await port.consume(POLICY, 'three')).toMatchObject({ allowed: true, remaining: 4 })
      expect(await port.consume({ ...POLICY, name: 'others' }, 'two')).toMatchObject({ allowed: true })
    })

    it('allows exactly the limit to any number of callers at once', async () => {
      const verdicts = await Promise.all(Array.from({ length: 40 }, () => port.consume(POLICY, 'crowd')))
      expect(verdicts.filter((v) => v.allowed)).toHaveLength(5)
    })

    it('starts anew when the window has ended', async () => {
      const short: LimitPolicy = { name: 'short', limit: 1, windowSeconds: 1 }
      await port.consume(short, 'four')
      expect(await port.consume(short, 'four')).toMatchObject({ allowed: false })
      await expect.poll(async () => (await port.consume(short, 'four')).allowed, { timeout: 5000 }).toBe(true)
    })

    it('forgets a key when told to', async () => {
      await port.consume(POLICY, 'five', 5)
      await port.reset(POLICY, 'five')
      expect(await port.consume(POLICY, 'five')).toMatchObject({ allowed: true, remaining: 4 })
    })
  })
}
