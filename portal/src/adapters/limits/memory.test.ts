import { expect, it } from 'vitest'
import { limitsContract } from './contract.ts'
import { createMemoryStore } from './memory.ts'
import { remembering } from './remember.ts'

limitsContract('memory', async () => {
  const port = remembering(createMemoryStore())
  // What only this process holds ends with it.
  return { nodes: [port, port], lose: async () => {}, stop: () => port.stop() }
})

const HOUR_US = 3_600_000_000
const use = { key: 'one', cost: 1, burst: 3, emissionUs: 20_000_000 }

/** A store whose clock can be set and whose memory can be lost, behind a process's own clock. */
function shakyStore() {
  const clock = { store: 1_000_000, own: 1_000_000 }
  let store = createMemoryStore(() => clock.store)
  const port = remembering(
    { take: (uses, floors) => store.take(uses, floors), stop: async () => {} },
    () => clock.own,
  )
  const admitted = async (tries: number) => {
    let count = 0
    for (let n = 0; n < tries; n++) if ((await port.take([use])).admitted) count += 1
    return count
  }
  const restart = () => {
    store = createMemoryStore(() => clock.store)
  }
  return { clock, restart, admitted }
}

it('gives no new burst where the store was restarted empty', async () => {
  const { clock, restart, admitted } = shakyStore()
  expect(await admitted(5)).toBe(3)
  restart()
  clock.own += use.emissionUs
  clock.store += use.emissionUs
  expect(await admitted(5)).toBe(1)
})

it('gives no new burst where the store’s clock leaps ahead, and locks out for one window where it is put back', async () => {
  const { clock, admitted } = shakyStore()
  expect(await admitted(5)).toBe(3)
  clock.store += HOUR_US
  expect(await admitted(5)).toBe(0)
  clock.own += 3 * use.emissionUs
  clock.store += 3 * use.emissionUs
  expect(await admitted(5)).toBe(3)
  clock.store -= HOUR_US
  clock.own += 3 * use.emissionUs
  clock.store += 3 * use.emissionUs
  expect(await admitted(5)).toBe(0)
  clock.own += 3 * use.emissionUs
  clock.store += 3 * use.emissionUs
  expect(await admitted(5)).toBe(3)
})
