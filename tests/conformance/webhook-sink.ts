import { createServer } from 'node:http'
import { listenOnFreePort } from '../support/listen.ts'

export type Received = {
  body: string
  headers: Record<string, string>
  event: WebhookEvent
  /** False once it was answered, or its sender has given it up. */
  open: boolean
}
export type WebhookEvent = {
  type: string
  id: string
  created_at: string
  object: { type: string; id: string }
  data: Record<string, unknown>
}

export type WebhookSink = {
  url: string
  received: Received[]
  /** Answers the next deliveries of these events with this status; 0 leaves them without an answer. */
  answerWith(status: number, matches: (event: WebhookEvent) => boolean): void
  stop(): Promise<void>
}

/** A receiver of webhooks that keeps what it gets. */
export async function startWebhookSink(): Promise<WebhookSink> {
  const received: Received[] = []
  const rules: { status: number; matches: (event: WebhookEvent) => boolean }[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    const event = JSON.parse(body) as WebhookEvent
    const delivery = { body, headers: req.headers as Record<string, string>, event, open: true }
    received.push(delivery)
    res.once('close', () => {
      delivery.open = false
    })
    const status = rules.find((rule) => rule.matches(event))?.status ?? 200
    if (status > 0) res.writeHead(status).end()
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    url: `${origin}/webhooks`,
    received,
    answerWith: (status, matches) => rules.unshift({ status, matches }),
    stop,
  }
}

/** What was told, however often: an answer that takes longer than five seconds brings a delivery again. */
export const distinctEvents = ({ received }: WebhookSink): WebhookEvent[] => [
  ...new Map(received.map(({ event }) => [event.id, event])).values(),
]
