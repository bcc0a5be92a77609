import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { listenOnFreePort } from './listen.ts'

type PagerDutyEvent = {
  routing_key: string
  event_action: 'trigger' | 'acknowledge' | 'resolve'
  dedup_key: string
  payload: { summary: string; severity: string; source: string; custom_details: Record<string, unknown> }
}

export type Behaviour = 'take' | 'put_off' | 'hang'

export type PagerDutyServer = {
  origin: string
  received: PagerDutyEvent[]
  /** What its own document finds wrong with what came. */
  faults: string[]
  /** Incidents that are open, by their key. */
  open: Set<string>
  behave(how: Behaviour): void
  stop(): Promise<void>
}

/** POST /v2/enqueue as PagerDuty's own OpenAPI document describes it (tests/vectors/pagerduty). */
export async function startPagerDuty(): Promise<PagerDutyServer> {
  const validate = await bodySchema()
  const received: PagerDutyEvent[] = []
  const faults: string[] = []
  const open = new Set<string>()
  let how: Behaviour = 'take'
  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    if (how === 'hang') return
    const send = (status: number, body: object) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (how === 'put_off') return send(503, { status: 'error', message: 'later' })
    if (req.method !== 'POST' || req.url !== '/v2/enqueue') return send(404, { status: 'not found' })
    const event = JSON.parse(text) as PagerDutyEvent
    if (!validate(event)) faults.push(JSON.stringify(validate.errors))
    if (!event.dedup_key) return send(400, { status: 'invalid event', message: 'no dedup_key' })
    received.push(event)
    if (event.event_action === 'trigger') open.add(event.dedup_key)
    if (event.event_action === 'resolve') open.delete(event.dedup_key)
    send(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key })
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    origin,
    received,
    faults,
    open,
    behave: (next) => {
      how = next
    },
    stop,
  }
}

async function bodySchema() {
  const file = new URL('../vectors/pagerduty/events-v2.openapi.json', import.meta.url)
  const document = JSON.parse(await readFile(file, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addFormat('url', (value: string) => URL.canParse(value))
  ajv.addSchema(document, 'pagerduty')
  const place = '/paths/~1enqueue/post/requestBody/content/application~1json/schema'
  return ajv.compile({ $ref: `pagerduty#${place}` })
}
