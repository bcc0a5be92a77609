import { setTimeout as delay } from 'node:timers/promises'
import type { LimitsPort, LimitUse } from '../../portal/src/adapters/limits/port.ts'
import { GRACE_MS } from '../../portal/src/adapters/limits/shared-store.ts'
import { until } from '../support/until.ts'
import type { Counts } from './count.ts'
import { type Fault, STORE_FAULTS } from './store-faults.ts'

const KEYS = 30
const PACE_MS = 60
const BEFORE_MS = 3000
const AFTER_MS = 5000
/** Six at once, two a second: a window is three seconds. */
const LIMIT = { cost: 1, burst: 6, emissionUs: 500_000 }
const WINDOW_MS = (LIMIT.burst * LIMIT.emissionUs) / 1000
/** Beside a window, nobody may wait for longer than a new epoch is not believed, and a trip. */
const MOST_WAIT_MS = GRACE_MS + 2000

type Key = {
  use: LimitUse
  admitted: number
  failed: number
  longestMs: number
  lastMs: number
  again: boolean
}

/**
 * Stores of the limits that are killed, paused, or whose clock leaps, under load from two nodes, with keys that move from one
 * node to the other when it happens: nobody may get more than burst + rate·t by a clock that nobody can set, nobody be locked
 * out for longer than a window, and both end by themselves.
 */
export async function runStoreFaults({ seed, say }: { seed: number; say: (line: string) => void }) {
  const total: Counts = { lost: 0, doubled: 0, stuck: 0, orphans: 0, checked: {}, findings: [] }
  const moments: string[] = []
  for (const start of STORE_FAULTS) {
    const fault = await start()
    say(fault.name)
    try {
      for (const node of fault.nodes) await counting(node)
      judge(await underLoad(fault), fault.name, total)
      moments.push(fault.name)
    } finally {
      await fault.stop()
    }
  }
  const ok = total.lost + total.doubled + total.stuck === 0 && total.findings.length === 0
  return { ...total, runs: moments.length, seed, moments, ok }
}

type Load = { keys: Key[]; spanMs: number; struckMs: number }

async function underLoad({ nodes, strike }: Fault): Promise<Load> {
  const began = performance.now()
  const keys = Array.from({ length: KEYS }, (_, n): Key => {
    const use = { ...LIMIT, key: `key ${n}` }
    return { use, admitted: 0, failed: 0, longestMs: 0, lastMs: began, again: false }
  })
  const state = { over: false, back: false }
  // Of every three keys one is both nodes' all the time; two move, to the node that never heard of them.
  const load = keys.flatMap((key, n) =>
    nodes.map((node, at) => ask(node, key, state, (back) => n % 3 === 0 || back === (n % 3 === 1 + at))),
  )
  await delay(BEFORE_MS)
  const struckAt = performance.now()
  await strike()
  const struckMs = performance.now() - struckAt
  state.back = true
  await delay(AFTER_MS + WINDOW_MS)
  state.over = true
  await Promise.all(load)
  for (const key of keys) key.longestMs = Math.max(key.longestMs, performance.now() - key.lastMs)
  return { keys, spanMs: performance.now() - began, struckMs }
}

async function ask(
  node: LimitsPort,
  key: Key,
  state: { over: boolean; back: boolean },
  mine: (back: boolean) => boolean,
): Promise<void> {
  while (!state.over) {
    if (!mine(state.back)) {
      await delay(PACE_MS)
      continue
    }
    const verdict = await node.take([key.use]).catch(() => null)
    if (!verdict) key.failed += 1
    else if (verdict.admitted) {
      const now = performance.now()
      key.admitted += 1
      key.longestMs = Math.max(key.longestMs, now - key.lastMs)
      key.lastMs = now
      key.again ||= state.back
    }
    await delay(PACE_MS)
  }
}

function judge({ keys, spanMs, struckMs }: Load, name: string, total: Counts): void {
  const most = Math.floor(LIMIT.burst + (spanMs * 1000) / LIMIT.emissionUs)
  for (const { use, admitted, longestMs, again } of keys) {
    const find = (what: 'lost' | 'doubled' | 'stuck', words: string) => {
      total[what] += 1
      total.findings.push(`${name}, ${use.key}: ${words}`)
    }
    if (admitted > most) find('doubled', `${admitted} admitted, at most ${most} may be`)
    if (!again) find('stuck', 'never admitted again')
    else if (longestMs > struckMs + WINDOW_MS + MOST_WAIT_MS)
      find('lost', `locked out for ${Math.round(longestMs)} ms, a window is ${WINDOW_MS} ms`)
  }
  const sum = (of: (key: Key) => number) => keys.reduce((all, key) => all + of(key), 0)
  total.checked[`admitted (${name})`] = sum(({ admitted }) => admitted)
  total.checked[`asked while it failed (${name})`] = sum(({ failed }) => failed)
}

const PROBE = { key: 'probe', cost: 1, burst: 1000, emissionUs: 1000 }
const counting = (node: LimitsPort) => until('the store counts', () => node.take([PROBE]).catch(() => null))
