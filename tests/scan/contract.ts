// `npm run scan -- contract [--minutes N]`: every operation, asked at random, answers as the API's own document says.
import { randomInt } from 'node:crypto'
import { createClient } from '../support/portal-client.ts'
import { setScene } from '../support/ready-video.ts'
import { startStack } from '../support/stack.ts'
import type { Document } from './judge-answer.ts'
import type { Scan } from './scan.ts'
import { type Asked, walkContract } from './walk-contract.ts'

const MINUTES = 3
const MOST_ROUNDS = 1000
/** Streams never end; the others would end the session that the walk goes by. */
export const ENDS_THE_WALK = /\/events$|^\/api\/auth\/|^\/api\/account\/sessions|^\/api\/cron|\/stream$/

const BOUND = 'one field is bounded by another'
const AHEAD = 'lies ahead, and not too far'
/** What may be called invalid although its schema allows it, and which rule says so that JSON Schema has no word for. */
export const BEYOND_SCHEMA: Record<string, string> = {
  'POST /api/account/keys': 'operations that exist, and that take no person',
  'POST /api/account/totp/confirm': 'the code of this moment',
  'PUT /api/admin/limits': BOUND,
  'PUT /api/admin/abuse': 'a rule without a door only tells',
  'POST /api/admin/limits/overrides': AHEAD,
  'POST /api/limits/overrides': AHEAD,
  'POST /api/admin/limits/budget': AHEAD,
  'POST /api/admin/privacy/erasures': 'a successor is somebody else’s colleague',
  'POST /api/admin/audit/snapshots': BOUND,
  'POST /api/share/{link}/progress': BOUND,
  'POST /api/videos/{videoId}/shares': BOUND,
  'POST /api/admin/share-tokens/revoke/preview': 'exactly one of four',
  'POST /api/admin/share-tokens/revoke': 'exactly one of four',
  'POST /api/admin/emergency': 'one of two',
  'POST /api/admin/telemetry/exports': BOUND,
  'PATCH /api/admin/users/{id}': 'at least one of two',
  'POST /api/admin/signing-keys/rotate': 'a compromise takes a note',
  'PUT /api/videos/{id}/chapters': 'a line is a time and a title',
}

/** On a portal of its own: it changes whatever it may. Limits are watched only, or all would be 429. */
export const run: Scan = async ({ minutes = MINUTES }) => {
  const stack = await startStack({
    env: { RATE_LIMIT_ENFORCED: 'false', STAFF_TOTP: 'offered', LOG_LEVEL: 'warn' },
  })
  try {
    const { admin } = await setScene(stack, { seconds: 2, width: 320, height: 180 })
    const document = await admin.call<Document>('GET', '/api/openapi.json')
    const nobody = createClient(stack.url)
    const ask = async ({ method, path, body, anonymous }: Asked) => {
      const client = anonymous ? nobody : admin
      const answer = await client.send(method, path, body === undefined ? undefined : JSON.parse(body))
      return {
        status: answer.status,
        type: answer.headers.get('content-type') ?? '',
        text: await answer.text(),
      }
    }
    const seed = randomInt(2 ** 31)
    const until = performance.now() + minutes * 60_000
    const walked = await walkContract({
      document,
      ask,
      rounds: MOST_ROUNDS,
      seed,
      leaveOut: ENDS_THE_WALK,
      beyondSchema: BEYOND_SCHEMA,
      until,
    })
    return {
      tools: ['fast-check', 'Ajv'],
      checked: walked.operations,
      findings: walked.findings,
      notes: { requests: walked.requests, 'times each operation': walked.done, seed },
    }
  } finally {
    await stack.stop()
  }
}
