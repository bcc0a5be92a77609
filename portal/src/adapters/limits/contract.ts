import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Admissions } from '../../../../tests/support/admissions.ts'
import { until } from '../../../../tests/support/until.ts'
import type { LimitsPort, LimitUse } from './port.ts'

/** Two nodes over one store; where a store is a process's own, both are that process. */
export type LimitsContractSubject = {
  nodes: [LimitsPort, LimitsPort]
  /** Empties the store as its sudden end would, and lets it come back. */
  lose(): Promise<void>
  stop(): Promise<void>
}

// Nothing comes back while a test runs.
const SLOW = { burst: 5, emissionUs: 600_000_000, cost: 1 }
const use = (key: string, more: Partial<LimitUse> = {}): LimitUse => ({ key, ...SLOW, ...more })

/** A store that began a moment ago is not believed yet. */
export const counting = (node: LimitsPort) =>
  until('the store counts', () =>
    node.take([use('probe', { burst: 1000, emissionUs: 1000 })]).catch(() => null),
  )

/** What every counter of uses must do. */
export function limitsContract(name: string, start: () => Promise<LimitsContractSubject>): void {
  describe(`limits port: ${name}`, () => {
    let subject: LimitsContractSubject
    let port: LimitsPort
    beforeAll(async () => {
      subject = await start()
      port = subject.nodes[0]
      for (const node of subject.nodes) await counting(node)
    })
    afterAll(() => subject?.stop())

    it('[RLA-01] admits the burst, then none until units come back, and says when', async () => {
      const verdicts = []
      for (let i = 0; i < 7; i++) verdicts.push(await port.take([use('one')]))
      expect(verdicts.map(({ admitted }) => admitted)).toEqual([true, true, true, true, true, false, false])
      expect(verdicts.map(({ standings }) => standings[0]?.remaining)).toEqual([4, 3, 2, 1, 0, 0, 0])
      for (const { standings } of verdicts.slice(5)) {
        expect(standings[0]?.retryUs).toBeGreaterThan(0)
        expect(standings[0]?.retryUs).toBeLessThanOrEqual(SLOW.emissionUs)
      }
    })

    it('counts by weight, each key apart, all uses of a check or none', async () => {
      expect(await port.take([use('two', { cost: 4 }), use('three')])).toMatchObject({ admitted: true })
      const refused = await port.take([use('three'), use('two', { cost: 2 })])
      expect(refused.admitted).toBe(false)
      expect(refused.standings.map(({ retryUs }) => retryUs > 0)).toEqual([false, true])
      expect((await port.take([use('three')])).standings[0]?.remaining).toBe(3)
      expect((await port.take([use('two')])).admitted).toBe(true)
    })

    it('[RLA-07] tells where a key stands to whoever only looks, and counts nothing for it', async () => {
      const look = () => port.take([use('looked at', { cost: 0 })])
      expect((await look()).standings[0]).toMatchObject({ remaining: 5, fullUs: 0 })
      for (let i = 0; i < 5; i++) await port.take([use('looked at')])
      for (let i = 0; i < 3; i++) {
        const { admitted, standings } = await look()
        expect([admitted, standings[0]?.remaining]).toEqual([true, 0])
        expect(standings[0]?.fullUs).toBeLessThanOrEqual(5 * SLOW.emissionUs)
        expect(standings[0]?.fullUs).toBeGreaterThan(4 * SLOW.emissionUs)
      }
      expect((await port.take([use('looked at')])).admitted).toBe(false)
    })

    it('admits exactly the burst to any number of callers at once, on two nodes', async () => {
      const verdicts = await Promise.all(
        Array.from({ length: 60 }, (_, n) => subject.nodes[n % 2 ? 0 : 1].take([use('crowd')])),
      )
      expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(5)
    })

    it('[RLA-01] never admits more than burst + rate·t, whatever the schedule', async () => {
      let serial = 0
      const schedule = fc.record({
        burst: fc.integer({ min: 1, max: 12 }),
        emissionUs: fc.integer({ min: 50, max: 20_000 }),
        // Rounds of checks that come together: costs, and which node is asked.
        rounds: fc.array(
          fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()), { maxLength: 8 }),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
      })
      const holds = fc.asyncProperty(schedule, async ({ burst, emissionUs, rounds }) => {
        const key = `random:${++serial}`
        const admissions = new Admissions({ burst, emissionUs })
        for (const round of rounds)
          await Promise.all(
            round.map(async ([units, other]) => {
              const one = { key, burst, emissionUs, cost: Math.min(units, burst) }
              const { admitted, atUs } = await subject.nodes[other ? 1 : 0].take([one])
              if (admitted) admissions.add(atUs, one.cost)
            }),
          )
        expect(admissions.excess()).toBeLessThanOrEqual(0)
      })
      await fc.assert(holds, { numRuns: 200 })
    })

    it('gives no new burst on another node where it lost all that it knew', async () => {
      const { nodes, lose } = subject
      for (let i = 0; i < 5; i++) expect((await nodes[0].take([use('lost')])).admitted).toBe(true)
      await lose()
      await counting(nodes[1])
      expect((await nodes[1].take([use('lost')])).admitted).toBe(false)
      expect((await nodes[1].take([use('never asked')])).admitted).toBe(true)
    })

    it('gives back with time', async () => {
      const quick = use('back', { burst: 1, emissionUs: 20_000 })
      await port.take([quick])
      await expect.poll(async () => (await port.take([quick])).admitted, { timeout: 5000 }).toBe(true)
    })
  })
}
