import { createServer } from 'node:http'
import { listenOnFreePort } from './listen.ts'
import type { Behaviour } from './pagerduty-server.ts'

type SlackMessage = { text: string; blocks: { type: string }[] }

export type SlackServer = {
  /** The incoming webhook's URL, which is a secret. */
  webhookUrl: string
  received: SlackMessage[]
  behave(how: Behaviour): void
  stop(): Promise<void>
}

/** An incoming webhook: a POST of JSON with text, answered "ok". */
export async function startSlack(): Promise<SlackServer> {
  const path = '/services/T0001/B0001/a-secret-in-the-path'
  const received: SlackMessage[] = []
  let how: Behaviour = 'take'
  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    if (how === 'hang') return
    const send = (status: number, body: string) => void res.writeHead(status).end(body)
    if (how === 'put_off') return send(500, 'internal_error')
    if (req.method !== 'POST' || req.url !== path) return send(404, 'no_service')
    const message = JSON.parse(text) as SlackMessage
    if (!message.text) return send(400, 'no_text')
    received.push(message)
    send(200, 'ok')
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    webhookUrl: `${origin}${path}`,
    received,
    behave: (next) => {
      how = next
    },
    stop,
  }
}
