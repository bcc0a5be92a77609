import type { OpenAPIHono } from '@hono/zod-openapi'
import { AUDIT_SCHEMA_VERSION, auditEventJsonSchema } from '#portal/modules/audit/event.ts'
import { CONTROLS, RETENTION_DAYS } from '#portal/modules/audit/rules.ts'
import { eventTypes } from '#portal/modules/audit/ui/event-catalogue.ts'
import type { Env } from './request-context.ts'

const SCHEMA = '/api/audit/event.schema.json'

/** What events of the log look like and what each type means: for anybody, since it tells nothing of any event. */
export function mountAuditSchema(api: OpenAPIHono<Env>): void {
  const cached = { 'cache-control': 'public, max-age=3600' }
  api.get(SCHEMA, (c) => {
    const { $schema, ...schema } = auditEventJsonSchema()
    const $id = `${c.get('app').settings.PUBLIC_URL}${SCHEMA}`
    return c.body(JSON.stringify({ $schema, $id, ...schema }), 200, {
      ...cached,
      'content-type': 'application/schema+json',
    })
  })
  api.get('/api/audit/event-types', (c) =>
    c.json(
      {
        schemaVersion: AUDIT_SCHEMA_VERSION,
        controls: CONTROLS,
        retentionDays: RETENTION_DAYS,
        items: eventTypes(),
      },
      200,
      cached,
    ),
  )
}
