import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { eventIdInput, historyPage } from '#portal/modules/audit/inputs.ts'
import {
  copyViewerRecord,
  objectToRecord,
  readViewerRecord,
} from '#portal/modules/sharing/read-viewer-record.ts'
import { getViewerHistory, getViewerReceipt } from '#portal/modules/sharing/viewer-history.ts'
import { guard } from './abuse-guard.ts'
import { problemSchema } from './operation-route.ts'
import { limitReading, limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { historyEventSchema, pageOf, receiptSchema } from './schemas.ts'
import { viewerOf } from './share-door.ts'

const instant = z.iso.datetime()
const maybe = instant.nullable()

const seconds = z.number().nonnegative()
const watchedSchema = z.object({
  firstAt: instant,
  lastAt: instant,
  playedSeconds: seconds,
  fractionSeen: z.number(),
  furthestSeconds: seconds,
  parts: z.array(z.object({ fromSeconds: seconds, toSeconds: seconds, playedSeconds: seconds })),
})

const recordSchema = z
  .object({
    link: z.object({
      id: z.string(),
      title: z.string().nullable(),
      sharedBy: z.string(),
      endsAt: instant,
      endedAt: maybe,
    }),
    objectedAt: maybe,
    visits: z.array(
      z.object({
        pseudonym: z.string(),
        firstSeenAt: instant,
        address: z.string().nullable(),
        addressProvedAt: maybe,
        signedIn: z.boolean(),
        passwordGivenAt: maybe,
        viewStartedAt: maybe,
        renewals: z.int(),
        accessUntil: maybe,
        endedAt: maybe,
        blackAt: maybe,
        deviceProvedAt: maybe,
        watched: watchedSchema.nullable(),
      }),
    ),
    agreement: z
      .object({ id: z.string(), version: z.int(), text: z.string(), acceptedAt: instant })
      .nullable(),
    kept: z.array(z.object({ what: z.string(), why: z.string(), howLong: z.string() })),
    notIncluded: z.array(z.string()),
  })
  .openapi('ViewerRecord')

const common = {
  request: { params: z.object({ token: z.string().max(200) }) },
  middleware: [guard('link'), limitTo('playback')],
}
const reading = { ...common, middleware: [guard('link'), limitReading('playback')] }
const answers = <T extends z.ZodType>(schema: T) => ({
  200: { description: 'Done', content: { 'application/json': { schema } } },
  403: {
    description: 'Nothing is kept of this browser on this link, or there is no such link: one answer',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
})
const NO_STORE = { 'cache-control': 'no-store' }

/** What a viewer asks about themselves; the token in the path and the viewer's cookie say who they are. */
export function mountViewerRecord(api: OpenAPIHono<Env>): void {
  const path = '/api/share/{token}/record'
  const look = createRoute({
    method: 'get',
    path,
    operationId: 'viewer.read-record',
    summary: 'What was recorded of this browser on this link; after its end, too',
    responses: answers(recordSchema),
    ...reading,
  })
  api.openapi(look, async (c) =>
    c.json(await c.get('app').call(readViewerRecord, viewerOf(c), c.get('ctx')), 200, NO_STORE),
  )

  const copy = createRoute({
    method: 'post',
    path: `${path}/copy`,
    operationId: 'viewer.record-copied',
    summary: 'The same, to take along',
    responses: answers(recordSchema.extend({ copiedAt: instant })),
    ...common,
  })
  api.openapi(copy, async (c) =>
    c.json(await c.get('app').call(copyViewerRecord, viewerOf(c), c.get('ctx')), 200, {
      ...NO_STORE,
      'content-disposition': 'attachment; filename="what-was-recorded.json"',
    }),
  )

  mountHistory(api, path)

  const object = createRoute({
    method: 'post',
    path: `${path}/object`,
    operationId: 'viewer.object',
    summary: 'How this viewer watches is not recorded any more; what was is erased',
    responses: answers(recordSchema),
    ...common,
  })
  api.openapi(object, async (c) =>
    c.json(await c.get('app').call(objectToRecord, viewerOf(c), c.get('ctx')), 200, NO_STORE),
  )
}

/** What the log says of the same browser, and the proof of each of it. */
function mountHistory(api: OpenAPIHono<Env>, path: string): void {
  const history = createRoute({
    method: 'get',
    path: `${path}/history`,
    operationId: 'viewer.history',
    summary: 'What the audit log says of this browser on this link; each event has its receipt',
    responses: answers(pageOf(historyEventSchema)),
    ...reading,
    request: { ...common.request, query: historyPage },
  })
  api.openapi(history, async (c) => {
    const asked = { ...c.req.valid('query'), ...viewerOf(c) }
    return c.json(await c.get('app').call(getViewerHistory, asked, c.get('ctx')), 200, NO_STORE)
  })

  const receipt = createRoute({
    method: 'get',
    path: `${path}/receipts/{id}`,
    operationId: 'viewer.receipt',
    summary: 'Proof of one of these events',
    responses: answers(receiptSchema),
    ...common,
    request: { params: common.request.params.extend(eventIdInput.shape) },
  })
  api.openapi(receipt, async (c) => {
    const asked = { id: c.req.valid('param').id, ...viewerOf(c) }
    return c.json(await c.get('app').call(getViewerReceipt, asked, c.get('ctx')), 200, NO_STORE)
  })
}
