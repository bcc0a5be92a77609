import { createServer } from 'node:http'
import { listenOnFreePort } from './listen.ts'

export type ErrorSink = {
  dsn: string
  /** Whole envelopes, as text. */
  envelopes: string[]
  /** The events in them. */
  events(): { exception: { values: { type: string; value: string }[] }; tags?: Record<string, string> }[]
  stop(): Promise<void>
}

/** The envelope endpoint of Sentry's protocol: `POST /api/{project}/envelope/`, newline-delimited JSON. */
export async function startErrorSink(): Promise<ErrorSink> {
  const envelopes: string[] = []
  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    const known = req.method === 'POST' && req.url?.startsWith('/api/42/envelope/')
    if (known) envelopes.push(text)
    res.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    dsn: `${origin.replace('http://', 'http://publickey@')}/42`,
    envelopes,
    events: () => envelopes.map((text) => JSON.parse(text.split('\n')[2]!)),
    stop,
  }
}
