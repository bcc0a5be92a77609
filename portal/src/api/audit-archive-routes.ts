import { Readable } from 'node:stream'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { readTiers } from '#portal/modules/audit/archive/read-tiers.ts'
import { askSnapshot, askSnapshotInput, listSnapshots } from '#portal/modules/audit/snapshot/ask-snapshot.ts'
import { takeSnapshot } from '#portal/modules/audit/snapshot/take-snapshot.ts'
import { getTimestamp, listTimestamps } from '#portal/modules/audit/witness/list-timestamps.ts'
import { COSTS } from '#portal/modules/limits/rules.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const count = z.number()

const tierReport = z
  .object({
    tiers: z.array(
      z.object({
        tier: z.enum(['hot', 'warm', 'archive', 'purged']),
        entries: count,
        sealed: count,
        oldest: z.string().nullable(),
      }),
    ),
    days: z.array(
      z.object({
        day: z.string(),
        events: count,
        hotBytes: count,
        warmBytes: count,
        indexBytes: count,
        treeBytes: count,
        archiveBytes: count,
        totalBytes: count,
      }),
    ),
    growth: z
      .object({
        fromDay: z.string(),
        toDay: z.string(),
        percent: count,
        barPercent: count,
        isBeyond: z.boolean(),
      })
      .nullable(),
    lastRestore: z.object({ at: z.string(), range: z.string(), isProven: z.boolean() }).nullable(),
  })
  .openapi('AuditTiers')

const snapshot = z
  .object({
    id: z.string(),
    incident: z.string(),
    reason: z.string(),
    from: z.string(),
    to: z.string(),
    status: z.enum(['waiting', 'working', 'ready', 'failed', 'removed']),
    entriesDone: count,
    entriesTotal: count.nullable(),
    firstIndex: count.nullable(),
    lastIndex: count.nullable(),
    bytes: count.nullable(),
    sha256: z.string().nullable(),
    failure: z.string().nullable(),
    createdAt: z.string(),
  })
  .openapi('AuditSnapshot')

const stamp = z.object({ size: count, authority: z.string(), stampedAt: z.string() })

export const auditArchiveRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/audit/timestamps',
    summary: 'The newest time-stamps of heads (RFC 3161)',
    operation: listTimestamps,
    answer: z.object({ everyMinutes: count.nullable(), items: z.array(stamp) }),
  },
  {
    method: 'get',
    path: '/api/admin/audit/timestamps/{size}',
    summary: 'One time-stamp: the checkpoint that was stamped, and the authority’s answer (DER, base64)',
    operation: getTimestamp,
    params: z.object({ size: z.string().regex(/^\d{1,15}$/, 'is a number of entries') }),
    answer: stamp.extend({ checkpoint: z.string(), response: z.string() }),
  },
  {
    method: 'get',
    path: '/api/admin/audit/tiers',
    summary: 'What lies in which tier of the log, and how it grows',
    operation: readTiers,
    answer: tierReport,
  },
  {
    method: 'get',
    path: '/api/admin/audit/snapshots',
    summary: 'Forensic snapshots, newest first',
    operation: listSnapshots,
    query: z.object({ limit: z.coerce.number().int().min(1).max(100).optional() }),
    answer: z.object({ items: z.array(snapshot) }),
  },
  {
    method: 'post',
    path: '/api/admin/audit/snapshots',
    summary: 'Seal a time of the log for an incident',
    operation: askSnapshot,
    body: z.object({
      incident: askSnapshotInput.shape.incident,
      reason: askSnapshotInput.shape.reason,
      from: z.iso.datetime({ offset: true }),
      to: z.iso.datetime({ offset: true }),
    }),
    status: 202,
    answer: z.object({ id: z.string() }),
  },
]

/** The archive of a snapshot: bytes, not JSON. */
export function mountSnapshots(api: OpenAPIHono<Env>): void {
  api.get('/api/admin/audit/snapshots/:id/file', limitTo('audit-log', COSTS.export), async (c) => {
    const { fileName, bytes, stream } = await c
      .get('app')
      .call(takeSnapshot, { id: c.req.param('id') }, c.get('ctx'))
    return c.body(Readable.toWeb(await stream()) as ReadableStream, 200, {
      'content-type': 'application/zip',
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
    })
  })
}
