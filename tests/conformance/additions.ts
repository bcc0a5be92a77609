import type { Operations, Schema } from './openapi.ts'

const string = { type: 'string' }
const integer = { type: 'integer' }

/** Fields that the engine adds to components of Mux's document. */
export const ADDITIONS: Record<string, Record<string, Schema>> = {
  Upload: {
    engine: {
      type: 'object',
      required: ['received_bytes', 'total_bytes', 'sha256'],
      properties: {
        received_bytes: integer,
        total_bytes: { type: ['integer', 'null'] },
        sha256: { type: ['string', 'null'], pattern: '^[0-9a-f]{64}$' },
      },
    },
  },
  // Why an errored asset is: not_media, truncated, no_tracks, too_long and the like.
  Asset: { engine: { type: 'object', required: ['error_reason'], properties: { error_reason: string } } },
  // Mux answers it, its document forgot it.
  ListDeliveryUsageResponse: { total_row_count: integer },
}

const data = (schema: Schema) => ({ type: 'object', required: ['data'], properties: { data: schema } })
const json = (schema: Schema) => ({ content: { 'application/json': { schema } } })

const webhook = {
  type: 'object',
  required: ['id', 'address', 'created_at', 'enabled'],
  properties: {
    id: string,
    address: string,
    created_at: { type: 'string', format: 'date-time' },
    enabled: { type: 'boolean' },
    signing_secret: string,
  },
}
const revoked = data({ type: 'object', required: ['revoked'], properties: { revoked: integer } })

/** Operations that version 15.0.0 of the document does not have: webhooks came with 15.1, the others are the engine's. */
export const OWN_OPERATIONS: Operations = {
  '/system/v1/webhooks': {
    get: { responses: { 200: json(data({ type: 'array', items: webhook })) } },
    post: { responses: { 201: json(data(webhook)) } },
  },
  '/system/v1/webhooks/{WEBHOOK_ID}': {
    get: { responses: { 200: json(data(webhook)) } },
    patch: { responses: { 200: json(data(webhook)) } },
    delete: { responses: { 204: {} } },
  },
  '/video/v1/playback-sessions': { delete: { responses: { 200: json(revoked) } } },
  '/video/v1/playback-sessions/revoke': { post: { responses: { 200: json(revoked) } } },
}
