// Sends signed webhooks by the clock from a process of its own: `webhook-sender.ts` is both sides.
import { fork } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CONNECTIONS = 32

export type SendOrder = { url: string; secret: string; rate: number; seconds: number }
export type Sent = { durationsMs: number[]; refused: number; elapsedMs: number }

export function startSender(): { run(order: SendOrder): Promise<Sent>; stop(): void } {
  const child = fork(fileURLToPath(import.meta.url), ['child'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    async run(order) {
      const answered = once(child, 'message')
      const died = once(child, 'exit').then(([code]) => {
        throw new Error(`the sender ended with ${code}`)
      })
      child.send(order)
      const [sent] = (await Promise.race([answered, died])) as [Sent]
      return sent
    },
    stop: () => void child.kill(),
  }
}

let serial = 0

/** A body as Mux sends it, about one of many assets that this portal does not have. */
function nextBody(): string {
  serial += 1
  const id = `bench-asset-${serial % 1000}`
  return JSON.stringify({
    type: 'video.asset.ready',
    id: `bench-${process.pid}-${serial}`,
    created_at: new Date().toISOString(),
    object: { type: 'asset', id },
    environment: { name: 'Production', id: 'j0863n' },
    data: {
      id,
      status: 'ready',
      upload_id: `bench-upload-${serial % 1000}`,
      duration: 23.857167,
      aspect_ratio: '16:9',
      resolution_tier: '1080p',
      playback_ids: [{ id: 'p'.repeat(44), policy: 'signed' }],
      tracks: Array.from({ length: 3 }, (_, n) => ({ id: `track-${n}`, type: 'video', max_width: 1920 })),
    },
    attempts: [],
  })
}

async function send({ url, secret, rate, seconds }: SendOrder): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const target = new URL(url)
  const sent: Sent = { durationsMs: [], refused: 0, elapsedMs: 0 }
  const began = performance.now()
  const all: Promise<void>[] = []
  for (let n = 0; n < rate * seconds; n += 1) {
    const due = began + (n * 1000) / rate
    const early = due - performance.now()
    if (early > 1) await delay(early)
    all.push(
      post(target, nextBody(), secret, agent).then((status) => {
        sent.durationsMs.push(performance.now() - due)
        if (status !== 200) sent.refused += 1
      }),
    )
  }
  await Promise.all(all)
  sent.elapsedMs = performance.now() - began
  agent.destroy()
  return sent
}

function post(target: URL, body: string, secret: string, agent: Agent): Promise<number> {
  const at = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'mux-signature': `t=${at},v1=${signature}`,
  }
  return new Promise((resolve, reject) => {
    const asked = request(target, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

if (process.argv[2] === 'child')
  process.on('message', (order: SendOrder) => void send(order).then((sent) => process.send?.(sent)))
