// `npm run scan -- slow [--minutes N]`: slowhttptest's attacks on a portal, while an honest visitor and a slow upload go on.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { signIn } from '../support/portal-people.ts'
import { startUpload } from '../support/send-upload.ts'
import { startStack } from '../support/stack.ts'
import { debianTool, runTool } from './debian-tool.ts'
import { startSlowUpload, startVisitor } from './honest-client.ts'
import type { Finding, Scan } from './scan.ts'
import { type Cut, measureCuts, measureReaders } from './slow-cuts.ts'
import { readPromptly, startBareServer } from './slow-floors.ts'

const CONNECTIONS = 1000
const PER_SECOND = 200
const REQUESTS_EACH = 3
/** How long each attack lasts; longer than every bound that it is to meet. */
const ATTACK_SECONDS = 35
const FLOOR_SECONDS = 15
const CALM_MS = 10_000
const UPLOAD_RATE = 4096
/**
 * What an attack may do to a visitor's p99: this much of what it does in the same minutes to a server with nothing behind it
 * or, of readers, of what as many requests do that are read at once.
 */
const MOST_OF_FLOOR = 2
const P99_ROOM_MS = 300

type Attack = { name: string; path: string; args: string[]; isReading?: true }
const ATTACKS: readonly Attack[] = [
  { name: 'slow headers (-H)', path: '/', args: ['-H', '-i', '5', '-x', '24'] },
  {
    ...{ name: 'slow body (-B)', path: '/api/auth/sign-in/email' },
    args: ['-B', '-i', '5', '-s', '8192', '-x', '10'],
  },
  {
    ...{ name: 'slow read (-X)', path: '/', isReading: true },
    args: ['-X', '-w', '64', '-y', '256', '-n', '5', '-z', '32', '-k', `${REQUESTS_EACH}`],
  },
]
type Notes = Record<string, string | number>
type Told = { findings: Finding[]; notes: Notes }

export const run: Scan = async ({ url, minutes }) => {
  await debianTool('slowhttptest')
  const METRICS_TOKEN = randomBytes(24).toString('base64url')
  const stack = url ? null : await startStack({ env: { PLAYBACK_TOKEN_TTL_SECONDS: '300', METRICS_TOKEN } })
  const origin = url?.replace(/\/$/, '') ?? stack!.url
  const page = await (await fetch(`${origin}/`)).arrayBuffer()
  const bare = await startBareServer(page.byteLength)
  try {
    const upload = stack && (await uploadOf(stack))
    const seconds = Math.max(ATTACK_SECONDS, ((minutes ?? 0) * 60) / ATTACKS.length)
    const calm = await visitedDuring(origin, () => delay(CALM_MS))
    const told: Told = { findings: [], notes: { 'visitor p99, calm': `${calm.p99} ms` } }
    for (const attack of ATTACKS)
      add(told, await survive({ origin, bare: bare.origin, attack, seconds, calm }))
    const cuts = await Promise.all([
      measureCuts(origin, upload?.other ?? null),
      ...(stack ? [measureReaders(origin, METRICS_TOKEN).then((cut) => [cut])] : []),
    ])
    for (const cut of cuts.flat()) add(told, judgeCut(origin, cut))
    if (upload) add(told, judgeUpload(await upload.sending.finish()))
    const checked = ATTACKS.length + cuts.flat().length + (upload ? 1 : 0)
    return { tools: [await versionOf()], checked, ...told }
  } finally {
    bare.stop()
    await stack?.stop()
  }
}

function add(told: Told, { findings, notes }: Told): void {
  told.findings.push(...findings)
  Object.assign(told.notes, notes)
}

function judgeCut(where: string, { what, ms, boundMs }: Cut): Told {
  const notes = { [`${what} ended after`]: ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s` }
  const isLate = ms === null || ms > boundMs
  const rule = 'slow-request'
  return { notes, findings: isLate ? [{ where, rule, what: `${what}: not ended within ${boundMs} ms` }] : [] }
}

function judgeUpload({ status, seconds, bytes }: { status: number; seconds: number; bytes: number }): Told {
  const finding = { where: 'upload', rule: 'honest-upload', what: `the slow upload answered ${status}` }
  return {
    notes: { 'upload meanwhile': `${bytes} bytes in ${seconds} s, then ${status}` },
    findings: status === 200 ? [] : [finding],
  }
}

async function versionOf(): Promise<string> {
  const { output } = await runTool('slowhttptest', ['-h'], { deadlineMs: 10_000 })
  return `slowhttptest ${/version ([\d.]+)/.exec(output)?.[1] ?? ''}`
}

/** One upload that is sent slowly all the while, and the place of another. */
async function uploadOf(stack: { url: string; admin: { email: string; password: string } }) {
  const client = await signIn(stack.url, stack.admin)
  const size = 64 * 1024 * 1024
  const { uploadUrl } = await startUpload(client, { name: 'long.mp4', size })
  const { uploadUrl: other } = await startUpload(client, { name: 'stuck.mp4', size })
  return { sending: startSlowUpload(uploadUrl, size, UPLOAD_RATE), other }
}

type Visited = Awaited<ReturnType<ReturnType<typeof startVisitor>['stop']>>
async function visitedDuring(origin: string, work: () => Promise<unknown>): Promise<Visited> {
  const visitor = startVisitor(`${origin}/api/health/live`)
  await work()
  return await visitor.stop()
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** What slowhttptest says; it ends as soon as all its connections are ended. */
async function attackOnce({ args, path }: Attack, origin: string, seconds: number): Promise<string> {
  const { output } = await runTool(
    'slowhttptest',
    [
      ...args,
      ...['-c', `${CONNECTIONS}`, '-r', `${PER_SECOND}`, '-l', `${Math.ceil(seconds)}`, '-p', '5'],
      ...['-v', '1', '-u', `${origin}${path}`],
    ],
    { deadlineMs: (seconds + 60) * 1000 },
  )
  return output.replace(COLOURS, '')
}

/** Again and again until the time is over, or it had no effect to speak of. */
async function attackFor(attack: Attack, origin: string, seconds: number): Promise<string[]> {
  const end = performance.now() + seconds * 1000
  const outputs: string[] = []
  do {
    const secondsLeft = (end - performance.now()) / 1000
    outputs.push(await attackOnce(attack, origin, Math.max(FLOOR_SECONDS, secondsLeft)))
  } while (performance.now() < end && hasAttacked(outputs.at(-1) ?? ''))
  return outputs
}

const hasAttacked = (output: string) => /service available:|exit status/i.test(output)

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)

type Ordeal = { origin: string; bare: string; attack: Attack; seconds: number; calm: Visited }

async function survive({ origin, bare, attack, seconds, calm }: Ordeal): Promise<Told> {
  const floor = attack.isReading
    ? await visitedDuring(origin, () =>
        readPromptly(`${origin}${attack.path}`, {
          ...{ connections: CONNECTIONS, perSecond: PER_SECOND, requestsEach: REQUESTS_EACH },
          seconds: FLOOR_SECONDS,
        }),
      )
    : await visitedDuring(bare, () => attackOnce(attack, bare, FLOOR_SECONDS))
  let outputs: string[] = []
  const seen = await visitedDuring(origin, async () => {
    outputs = await attackFor(attack, origin, seconds)
  })
  const findings: Finding[] = []
  const fail = (what: string) => findings.push({ where: `${origin}${attack.path}`, rule: attack.name, what })
  for (const output of outputs) {
    if (/service available:\s+NO/i.test(output)) fail('slowhttptest found the service unavailable')
    if (!hasAttacked(output)) fail(`slowhttptest said nothing: ${output.slice(-200)}`)
  }
  if (seen.failed > 0) fail(`${seen.failed} of ${seen.asked} honest requests failed`)
  const least = Math.max(calm.p99, floor.p99)
  if (seen.p99 > least * MOST_OF_FLOOR + P99_ROOM_MS)
    fail(`an honest visitor’s p99 was ${seen.p99} ms (floor ${floor.p99} ms, calm ${calm.p99} ms)`)
  const ended = sum(
    outputs.map((output) => Number(/closed:\s+(\d+)(?![\s\S]*closed:)/.exec(output)?.[1] ?? 0)),
  )
  const against = attack.isReading ? 'read at once' : 'on a bare server'
  return {
    findings,
    notes: {
      [attack.name]: `visitor p99 ${seen.p99} ms, ${against} ${floor.p99} ms; ${seen.asked - seen.failed} of ${seen.asked} answered; ${ended} of ${CONNECTIONS * outputs.length} connections ended`,
    },
  }
}
