// `npm run scan -- slow [--minutes N]`: slowhttptest's attacks on a portal, while an honest visitor and a slow upload go on.
import { connect } from 'node:net'
import { signIn } from '../support/portal-people.ts'
import { startUpload } from '../support/send-upload.ts'
import { startStack } from '../support/stack.ts'
import { debianTool, runTool } from './debian-tool.ts'
import { startSlowUpload, startVisitor } from './honest-client.ts'
import type { Finding, Scan } from './scan.ts'

const CONNECTIONS = 1000
/** How long each attack lasts; longer than every bound that it is to meet. */
const ATTACK_SECONDS = 35
const UPLOAD_RATE = 4096
/** Longest time until the server ends what is too slow. Uploads: two windows of the engine's. */
const BOUNDS_MS = { headers: 10_000, body: 11_000, 'upload below its least rate': 42_000 }
/** What an attack may add to a visitor's p99: the machine has to serve the attacker's requests as well. */
const P99_ROOM_MS = 500

type Attack = { name: string; args: string[] }
const ATTACKS: readonly Attack[] = [
  { name: 'slow headers (-H)', args: ['-H', '-i', '5', '-x', '24'] },
  { name: 'slow body (-B)', args: ['-B', '-i', '5', '-s', '8192', '-x', '10'] },
  { name: 'slow read (-X)', args: ['-X', '-w', '64', '-y', '256', '-n', '5', '-z', '32', '-k', '3'] },
]

export const run: Scan = async ({ url, minutes }) => {
  await debianTool('slowhttptest')
  const stack = url ? null : await startStack({ env: { PLAYBACK_TOKEN_TTL_SECONDS: '300' } })
  const origin = url?.replace(/\/$/, '') ?? stack!.url
  const findings: Finding[] = []
  const notes: Record<string, string | number> = {}
  try {
    const upload = stack && (await uploadOf(stack))
    const seconds = Math.max(ATTACK_SECONDS, ((minutes ?? 0) * 60) / ATTACKS.length)
    const calm = startVisitor(`${origin}/api/health/live`)
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    const before = await calm.stop()
    notes['visitor p99, calm'] = `${before.p99} ms`
    for (const attack of ATTACKS) {
      const found = await survive(origin, attack, seconds, before.p99)
      findings.push(...found.findings)
      Object.assign(notes, found.notes)
    }
    const slow = await measureCuts(origin, upload?.other ?? null)
    for (const { what, ms, boundMs } of slow) {
      notes[`${what} ended after`] = ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`
      if (ms === null || ms > boundMs)
        findings.push({
          where: origin,
          rule: 'slow-request',
          what: `${what}: not ended within ${boundMs} ms`,
        })
    }
    if (upload) {
      const end = await upload.sending.finish()
      notes['upload meanwhile'] = `${end.bytes} bytes in ${end.seconds} s, then ${end.status}`
      if (end.status !== 200)
        findings.push({
          where: 'upload',
          rule: 'honest-upload',
          what: `the slow upload answered ${end.status}`,
        })
    }
    const tools = [await versionOf()]
    return { tools, checked: ATTACKS.length + slow.length + (upload ? 1 : 0), findings, notes }
  } finally {
    await stack?.stop()
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

async function survive(origin: string, { name, args }: Attack, seconds: number, calmP99: number) {
  const visitor = startVisitor(`${origin}/api/health/live`)
  const target = name.startsWith('slow body') ? `${origin}/api/auth/sign-in/email` : `${origin}/`
  const load = ['-c', `${CONNECTIONS}`, '-r', '200', '-l', `${Math.round(seconds)}`, '-p', '5', '-v', '1']
  const { output } = await runTool('slowhttptest', [...args, ...load, '-u', target], {
    deadlineMs: (seconds + 60) * 1000,
  })
  const { p99, asked, failed } = await visitor.stop()
  const plain = output.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
  const available = /service available:\s+(YES|NO)/gi
  const states = [...plain.matchAll(available)].map((match) => match[1])
  const closed = Number(
    plain
      .match(/closed:\s+(\d+)/g)
      ?.at(-1)
      ?.match(/\d+/)?.[0] ?? 0,
  )
  const findings: Finding[] = []
  const fail = (what: string) => findings.push({ where: target, rule: name, what })
  if (states.includes('NO')) fail('slowhttptest found the service unavailable')
  if (states.length === 0 && !/exit status/i.test(plain))
    fail(`slowhttptest said nothing: ${plain.slice(-200)}`)
  if (failed > 0) fail(`${failed} of ${asked} honest requests failed`)
  if (p99 > calmP99 * 2 + P99_ROOM_MS) fail(`an honest visitor’s p99 was ${p99} ms (${calmP99} ms when calm)`)
  return {
    findings,
    notes: {
      [name]: `visitor p99 ${p99} ms, ${asked - failed} of ${asked} answered; ${closed} of ${CONNECTIONS} ended`,
    },
  }
}

type Cut = { what: string; ms: number | null; boundMs: number }

/** Three clients of our own, which know the moment at which they are ended. */
async function measureCuts(origin: string, uploadUrl: string | null): Promise<Cut[]> {
  const { host } = new URL(origin)
  const post = (path: string, type: string, method = 'POST') =>
    `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: ${type}\r\ncontent-length: 5000\r\n\r\n`
  const cases: [keyof typeof BOUNDS_MS, string, string][] = [
    ['headers', `GET / HTTP/1.1\r\nhost: ${host}\r\n`, 'x-a: b\r\n'],
    ['body', post('/api/auth/sign-in/email', 'application/json'), ' '],
  ]
  if (uploadUrl) {
    const { pathname } = new URL(uploadUrl)
    cases.push(['upload below its least rate', post(pathname, 'video/mp4', 'PUT'), 'x'])
  }
  return await Promise.all(
    cases.map(async ([what, head, drip]) => ({
      what: `slow ${what}`,
      boundMs: BOUNDS_MS[what],
      ms: await untilEnded(origin, head, drip, BOUNDS_MS[what] + 10_000),
    })),
  )
}

function untilEnded(origin: string, head: string, drip: string, deadlineMs: number): Promise<number | null> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve) => {
    const began = performance.now()
    const socket = connect(Number(port || 80), hostname)
    const timers = [
      setInterval(() => socket.writable && socket.write(drip), 1000),
      setTimeout(() => end(null), deadlineMs),
    ]
    const end = (ms: number | null) => {
      for (const timer of timers) clearTimeout(timer)
      socket.destroy()
      resolve(ms)
    }
    socket.on('error', () => undefined)
    socket.resume().once('end', () => end(performance.now() - began))
    socket.once('close', () => end(performance.now() - began))
    socket.write(head)
  })
}
