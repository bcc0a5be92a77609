import type { Eraser } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'

/** Payloads are redacted when they come; what staff wrote about them is looked through. */
export const webhookEraser: Eraser = {
  step: 'webhooks',
  async erase({ tx, person }) {
    return [
      ...(await redactPerson(tx, person, 'webhook_events', ['discard_reason', 'last_error'])),
      ...(await redactPerson(tx, person, 'webhook_attempts', ['error'])),
      ...(await redactPerson(tx, person, 'webhook_replays', ['selection::jsonb'])),
    ]
  },
}
