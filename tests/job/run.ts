import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { makeClip } from '../support/clips.ts'
import { startStack } from '../support/stack.ts'
import { runMainJob } from './main-job.ts'
import { createSteps, type Step } from './steps.ts'
import { remoteTarget, type Target } from './target.ts'

const USAGE = `npm run job -- [clip…] [--json] [--url http://localhost:3000]
The whole main job over HTTP and in a real browser, on a fresh portal; with clips, once for each.
With --url on a running portal: PORTAL_ADMIN_EMAIL and PORTAL_ADMIN_PASSWORD sign in, DATA_DIR leads to its log.
`
/** Short, so that a viewer outlives several of them. */
const TOKEN_SECONDS = '10'

// Ending in order is what lets a started portal be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values, positionals: clips } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean' }, url: { type: 'string' } },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
for (const clip of clips) {
  await access(clip).catch(() => {
    process.stderr.write(`There is no file ${clip}.\n`)
    process.exit(2)
  })
}

const show = ({ name, ms, ok, says }: Step) => {
  const line = `${ok ? 'ok    ' : 'FAILED'} ${String(ms).padStart(7)} ms  ${name}${says ? `: ${says}` : ''}\n`
  const stream = values.json ? process.stderr : process.stdout
  stream.write(line)
}

async function runOn(target: Target, stop: () => Promise<void>): Promise<Step[]> {
  const all: Step[] = []
  const files = clips.length ? clips : [await makeClip({ seconds: 20, width: 1280, height: 720 })]
  try {
    for (const file of files) {
      const prefix = clips.length > 1 ? `${basename(file)}: ` : ''
      const steps = createSteps((step) => show({ ...step, name: `${prefix}${step.name}` }))
      await runMainJob(target, file, steps).catch((error) => {
        if (steps.steps.every(({ ok }) => ok)) throw error
      })
      all.push(...steps.steps.map((step) => ({ ...step, name: `${prefix}${step.name}` })))
    }
    return all
  } finally {
    await stop()
  }
}

async function main(): Promise<number> {
  if (values.url) return report(await runOn(remoteTarget(values.url), async () => {}))
  const began = performance.now()
  const stack = await startStack({
    env: { PLAYBACK_TOKEN_TTL_SECONDS: TOKEN_SECONDS, RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'warn' },
  })
  const start: Step = {
    name: 'a fresh portal serves',
    ms: Math.round(performance.now() - began),
    ok: true,
    says: '',
  }
  show(start)
  const steps = await runOn(stack, () => stack.stop())
  return report([start, ...steps])
}

function report(steps: Step[]): number {
  const ok = steps.length > 0 && steps.every((step) => step.ok)
  if (values.json) process.stdout.write(`${JSON.stringify({ steps, ok })}\n`)
  else process.stdout.write(`\n${steps.length} steps, ${steps.filter((step) => !step.ok).length} failed\n`)
  return ok ? 0 : 1
}

process.exit(await main())
