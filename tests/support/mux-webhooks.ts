import { createHmac, randomUUID } from 'node:crypto'

/** Body of a webhook about an upload or asset as it is now, in Mux's documented envelope. */
export function webhookBody(type: string, object: { id: string }, at: Date): string {
  return JSON.stringify({
    type,
    id: randomUUID(),
    created_at: at.toISOString(),
    object: { type: type.split('.')[1], id: object.id },
    environment: { name: 'Production', id: 'j0863n' },
    data: { ...object, created_at: 1_609_868_768 },
    attempts: [],
    request_id: null,
    accessor: null,
    accessor_source: null,
  })
}

/** A `mux-signature` header over this body. */
export function signWebhook(body: string, secret: string, at: Date = new Date()): string {
  const seconds = Math.floor(at.getTime() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
