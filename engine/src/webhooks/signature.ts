import { createHmac } from 'node:crypto'

/**
 * The `mux-signature` header: HMAC-SHA256 over "<unix seconds>.<exact body>".
 * Made anew for each attempt, since receivers refuse one older than 300 s.
 */
export function signWebhook(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${hex}`
}
