import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { allChecks } from './all-checks.ts'
import type { Check } from './check.ts'
import { remoteTarget, startTarget, type Target } from './target.ts'

const USAGE = `npm run conformance -- [--json] [--only PATTERN] [--storage disk|s3]
                           [--url http://host --token-id ID --token-secret SECRET]
Without --url an engine is started on a free port with temporary data, on disk or in an S3 server started with it.
With it, checks that need the engine's own processes, files and webhooks are left out and named.
`

const CHECK_MS = 120_000

type Outcome = { name: string; ok: boolean; ms: number; error: string | null }

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    url: { type: 'string' },
    only: { type: 'string' },
    storage: { type: 'string', default: 'disk' },
    'token-id': { type: 'string' },
    'token-secret': { type: 'string' },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const wanted = new RegExp(values.only ?? '')
const outcomes: Outcome[] = []
const leftOut: string[] = []
await withTarget(async (target) => {
  for (const check of allChecks.filter(({ name }) => wanted.test(name))) {
    if (check.ownOnly && !target.own) leftOut.push(check.name)
    else await run(check, target)
  }
})
const failed = outcomes.filter(({ ok }) => !ok).length
const passed = outcomes.length - failed
if (values.json) {
  process.stdout.write(`${JSON.stringify({ passed, failed, leftOut: leftOut.length, checks: outcomes })}\n`)
} else {
  for (const name of leftOut) process.stdout.write(`left out       ${name}\n`)
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
}
process.exit(failed === 0 && passed > 0 ? 0 : 1)

async function run(check: Check, target: Target): Promise<void> {
  const started = performance.now()
  const deadline = delay(CHECK_MS, undefined, { ref: false }).then(() => {
    throw new Error(`not done after ${CHECK_MS} ms`)
  })
  const error = await Promise.race([check.run(target), deadline]).then(
    () => null,
    (thrown: Error) => thrown.stack ?? String(thrown),
  )
  const outcome = { name: check.name, ok: error === null, ms: Math.round(performance.now() - started), error }
  outcomes.push(outcome)
  const line = `${outcome.ok ? 'ok    ' : 'FAILED'} ${String(outcome.ms).padStart(6)} ms  ${check.name}\n`
  const stream = values.json ? process.stderr : process.stdout
  stream.write(error ? `${line}${error.replaceAll(/^/gm, '    ')}\n` : line)
}

async function withTarget(work: (target: Target) => Promise<void>): Promise<void> {
  if (values.url) {
    const id = values['token-id'] ?? process.env.ENGINE_TOKEN_ID ?? ''
    const secret = values['token-secret'] ?? process.env.ENGINE_TOKEN_SECRET ?? ''
    return work(remoteTarget(values.url.replace(/\/+$/, ''), { id, secret }))
  }
  const postgres = await startTestPostgres()
  const database = await cloneDatabase(postgres.config, 'engine')
  const target = await startTarget(database.url, { storage: values.storage === 's3' ? 's3' : 'disk' })
  try {
    await work(target)
  } finally {
    await target.stop()
    await database.close()
    await postgres.stop()
  }
}
