/** A door that is no operation's route: what it is asked, by whom, and in which form it answers. */
type Door = {
  path: string
  method?: 'get' | 'post'
  id: string
  summary: string
  by?: 'session' | 'bearer' | 'viewer'
  answers?: string | string[]
  status?: number
  /** Of the parameters of its path, where it is known. */
  pattern?: string
  /** What else it answers that is no problem document, by status. */
  also?: Record<number, string>
  body?: Record<string, { type: string; [keyword: string]: unknown }>
}

const JSON_LINES = 'application/jsonl'
const text = { type: 'string' }
const email = { type: 'string', format: 'email' }
const list: Door[] = [
  {
    path: '/api/auth/sign-in/email',
    method: 'post',
    id: 'session.sign-in',
    summary: 'Signs in with address and password; sets the session cookie',
    body: { email, password: { type: 'string', maxLength: 256 } },
  },
  {
    path: '/api/auth/sign-in/code',
    method: 'post',
    id: 'session.sign-in-by-code',
    summary: 'Signs in with a code from a mail; sets the session cookie',
    body: { id: text, code: { type: 'string', pattern: '^[0-9]{6}$' } },
  },
  {
    path: '/api/auth/sign-out',
    method: 'post',
    id: 'session.sign-out',
    summary: 'Ends the session, and clears what this site left in the browser',
    by: 'session',
  },
  {
    path: '/api/auth/passkey/generate-register-options',
    id: 'session.passkey-options',
    summary: 'What a browser needs to make a passkey',
    by: 'session',
  },
  {
    path: '/api/auth/passkey/verify-registration',
    method: 'post',
    id: 'session.add-passkey',
    summary: 'Keeps a passkey that the browser made (W3C WebAuthn)',
    by: 'session',
    body: { response: { type: 'object' } },
  },
  {
    path: '/api/auth/passkey/generate-authenticate-options',
    id: 'session.passkey-challenge',
    summary: 'A challenge to sign in with a passkey',
  },
  {
    path: '/api/auth/passkey/verify-authentication',
    method: 'post',
    id: 'session.sign-in-by-passkey',
    summary: 'Signs in with a passkey (W3C WebAuthn); sets the session cookie',
    body: { response: { type: 'object' } },
  },
  {
    path: '/api/share/{token}/events',
    id: 'playback.events',
    summary: 'Tells an open player at once when watching ends',
    by: 'viewer',
    answers: 'text/event-stream',
  },
  {
    path: '/api/download/{ticket}',
    id: 'share.take-download',
    summary: 'A copy of the video, once for each ticket',
    by: 'viewer',
    answers: 'video/mp4',
  },
  {
    path: '/api/shares/{id}/viewing.csv',
    id: 'share.export-viewing',
    summary: 'What viewers of a share watched',
    by: 'session',
    answers: 'text/csv',
  },
  {
    path: '/audit/vkeys',
    id: 'audit.vkeys',
    summary: 'Keys that the log’s heads verify with (C2SP signed-note)',
  },
  {
    path: '/audit/checkpoint',
    id: 'audit.checkpoint',
    summary: 'The newest head of the log (C2SP tlog-checkpoint)',
    by: 'session',
    answers: 'text/plain',
  },
  {
    path: '/api/audit/verifier.mjs',
    id: 'audit.verifier',
    summary: 'The offline verifier, one file',
    answers: 'text/javascript',
  },
  {
    path: '/api/audit/event.schema.json',
    id: 'audit.event-schema',
    summary: 'What an event of the log looks like (JSON Schema)',
    answers: 'application/schema+json',
  },
  { path: '/api/audit/event-types', id: 'audit.event-types', summary: 'What each type of event means' },
  {
    path: '/api/admin/audit/export',
    id: 'audit.export',
    summary: 'The log with its proofs, for the offline verifier',
    by: 'session',
    answers: JSON_LINES,
  },
  {
    path: '/api/admin/audit/found',
    id: 'audit.export-events',
    summary: 'The events that a search of the log found',
    by: 'session',
    answers: [JSON_LINES, 'text/csv'],
  },
  {
    path: '/api/admin/audit/snapshots/{id}/file',
    pattern: '^snp_[A-Za-z0-9]{22}$',
    id: 'audit.take-snapshot-file',
    summary: 'A sealed snapshot of the log',
    by: 'session',
    answers: 'application/zip',
  },
  {
    path: '/api/admin/audit/reviews/{id}/export',
    id: 'audit-access.export-review',
    summary: 'A review of who may read the log',
    by: 'session',
    answers: 'text/csv',
  },
  {
    path: '/api/admin/privacy/erasures/{id}/evidence',
    pattern: '^ers_[1-9A-HJ-NP-Za-km-z]{22}$',
    id: 'privacy.erasure-evidence',
    summary: 'Evidence that a person was erased',
    by: 'session',
    answers: 'application/json',
  },
  {
    path: '/api/admin/reconciliation-export',
    id: 'reconciliation.export',
    summary: 'Differences to the video service',
    by: 'session',
    answers: 'text/csv',
  },
  {
    path: '/api/admin/telemetry/exports/{id}/file',
    pattern: '^tex_[1-9A-HJ-NP-Za-km-z]{22}$',
    id: 'telemetry.download-export',
    summary: 'Past metrics as a file',
    by: 'session',
    answers: 'text/csv',
  },
  {
    path: '/api/admin/share-export',
    id: 'share.export-list',
    summary: 'The share list as a file',
    by: 'session',
    answers: 'text/csv',
  },
  {
    path: '/api/cron/{job}',
    method: 'post',
    id: 'portal.run-job',
    summary: 'Runs a scheduled job now; CRON_SECRET is the bearer token',
    by: 'bearer',
    status: 202,
  },
  {
    path: '/metrics',
    id: 'portal.metrics',
    summary: 'OpenMetrics; METRICS_TOKEN is the bearer token',
    by: 'bearer',
    answers: 'application/openmetrics-text',
  },
  {
    path: '/.well-known/security.txt',
    id: 'portal.security-contact',
    summary: 'Where flaws are reported to (RFC 9116)',
    answers: 'text/plain',
  },
  {
    path: '/robots.txt',
    id: 'portal.robots',
    summary: 'What crawlers may read: the front page (RFC 9309)',
    answers: 'text/plain',
  },
  { path: '/api/health/live', id: 'portal.live', summary: 'The process answers' },
  {
    path: '/api/health/ready',
    id: 'portal.ready',
    summary: 'The portal can do its work; 503 until then',
    also: { 503: 'application/json' },
  },
  { path: '/api/openapi.json', id: 'portal.describe', summary: 'This document' },
]

const SCHEMES = { session: { session: [] }, bearer: { operator: [] }, viewer: { viewer: [] } }

/** JSON is an object at each of these doors; anything else is text or bytes. */
const contentOf = (...types: string[]) =>
  Object.fromEntries(
    types.map((type) => [type, { schema: { type: /json$/.test(type) ? 'object' : 'string' } }]),
  )

function described(door: Door) {
  const { path, method = 'get', id, summary, by, answers = 'application/json', status = 200, body } = door
  const also = Object.entries(door.also ?? {}).map(([code, type]) => [
    code,
    { description: 'Not yet', content: contentOf(type) },
  ])
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', maxLength: 200, ...(door.pattern ? { pattern: door.pattern } : {}) },
  }))
  return {
    path,
    method,
    operation: {
      operationId: id,
      summary,
      security: [by ? SCHEMES[by] : {}],
      ...(parameters.length ? { parameters } : {}),
      ...(body
        ? {
            requestBody: {
              required: true,
              content: {
                'application/json': {
                  schema: { type: 'object', properties: body, required: Object.keys(body) },
                },
              },
            },
          }
        : {}),
      responses: {
        ...Object.fromEntries(also),
        [status]: { description: 'Done', content: contentOf(...[answers].flat()) },
      },
    },
  }
}

/** The doors beside the operations' own routes, as paths of an OpenAPI document. */
export function doorPaths(): Record<string, Record<string, ReturnType<typeof described>['operation']>> {
  return Object.fromEntries(
    list.map(described).map(({ path, method, operation }) => [path, { [method]: operation }]),
  )
}
