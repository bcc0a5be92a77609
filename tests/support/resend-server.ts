import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { listenOnFreePort } from './listen.ts'

type ResendMail = { from: string; to: string[]; subject: string; text: string }

export type ResendServer = {
  origin: string
  received: ResendMail[]
  behave(how: 'take' | 'put_off' | 'hang'): void
  stop(): Promise<void>
}

/** POST /emails in Resend's shapes: bearer key, Idempotency-Key, 409 where a key comes with another mail. */
export async function startResendServer(apiKey: string): Promise<ResendServer> {
  const received: ResendMail[] = []
  const known = new Map<string, { text: string; id: string }>()
  let how: 'take' | 'put_off' | 'hang' = 'take'

  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    const send = (status: number, body: object) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const refuse = (statusCode: number, name: string) => send(statusCode, { statusCode, name, message: name })
    if (how === 'hang') return
    if (how === 'put_off') return refuse(503, 'internal_server_error')
    if (req.headers.authorization !== `Bearer ${apiKey}`) return refuse(401, 'invalid_api_key')
    if (req.method !== 'POST' || req.url !== '/emails') return refuse(404, 'not_found')
    const key = String(req.headers['idempotency-key'] ?? randomUUID())
    const before = known.get(key)
    if (before)
      return before.text === text ? send(200, { id: before.id }) : refuse(409, 'invalid_idempotent_request')
    const id = randomUUID()
    known.set(key, { text, id })
    received.push(JSON.parse(text) as ResendMail)
    send(200, { id })
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    origin,
    received,
    behave: (next) => {
      how = next
    },
    stop,
  }
}
