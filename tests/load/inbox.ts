import { join } from 'node:path'
import { loadSecrets } from '../../portal/src/platform/secrets.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'
import { until } from '../support/until.ts'
import { type BenchResult, percentiles } from './bench.ts'
import { startSender } from './workers/webhook-sender.ts'

const RATE = 500
const SECONDS = 20
const WARM_UP_SECONDS = 4
const BAR_MS = 25
const LONGEST_MS = 120_000

/**
 * 500 signed, unique events a second over HTTP, sent by the clock whether or not the answers keep up, at a whole portal
 * that stores and applies them meanwhile: milliseconds from when each was due to be sent to its answer.
 */
export async function run(): Promise<BenchResult> {
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  const sender = startSender()
  try {
    const { webhookSecret } = await loadSecrets({
      file: join(stack.dataDir, 'secrets.json'),
      masterKeyFile: join(stack.dataDir, 'master.key'),
    })
    const order = { url: `${stack.url}/api/webhooks/mux`, secret: webhookSecret, rate: RATE }
    await sender.run({ ...order, seconds: WARM_UP_SECONDS })
    const sent = await sender.run({ ...order, seconds: SECONDS })
    const times = percentiles(sent.durationsMs)
    const all = RATE * (SECONDS + WARM_UP_SECONDS)
    const appliedAfterMs = await applied(stack, all)
    return {
      ours: times.p99,
      floor: null,
      ratio: null,
      ...times,
      unit: 'ms (p99 of an answer)',
      bar: `p99 under ${BAR_MS} ms at ${RATE} events a second, every one stored and applied`,
      holds: times.p99 < BAR_MS && sent.refused === 0,
      notes: {
        events: sent.durationsMs.length,
        refused: sent.refused,
        'events a second': sent.durationsMs.length / (sent.elapsedMs / 1000),
        'all applied, ms after the last': appliedAfterMs,
      },
    }
  } finally {
    sender.stop()
    await stack.stop()
  }
}

async function applied(stack: Stack, all: number): Promise<number> {
  const began = performance.now()
  await until(
    'every event is applied',
    async () => {
      const [row] = await onDatabase(stack, async (db) => {
        const { rows } = await db.query(
          `select count(*)::int as stored, count(*) filter (where state = 'applied')::int as applied
           from webhook_events where id like 'bench-%'`,
        )
        return rows
      })
      if (row.stored !== all) throw new Error(`${row.stored} of ${all} events were stored`)
      return row.applied === all
    },
    LONGEST_MS,
    250,
  )
  return performance.now() - began
}
