import { OpenAPIHono } from '@hono/zod-openapi'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { abuseRoutes } from './abuse-routes.ts'
import { accountRoutes } from './account-routes.ts'
import { alertRoutes } from './alert-routes.ts'
import { apiKeyRoutes } from './api-key-routes.ts'
import { auditArchiveRoutes, mountSnapshots } from './audit-archive-routes.ts'
import { mountAuditLog } from './audit-door.ts'
import { auditRoutes } from './audit-routes.ts'
import { mountAuditSchema } from './audit-schema-door.ts'
import { mountAuth } from './auth-door.ts'
import { bodyLimit } from './body-limit.ts'
import { mountCron } from './cron-door.ts'
import { describeApi } from './describe-api.ts'
import { mountDownloads } from './download-door.ts'
import { emergencyRoutes } from './emergency-routes.ts'
import { mountHealth } from './health-door.ts'
import { identityRoutes } from './identity-routes.ts'
import { noRouteFor } from './known-methods.ts'
import { limitRoutes } from './limit-routes.ts'
import { logAccessRoutes, mountLogReviewExport } from './log-access-routes.ts'
import { mountMetrics } from './metrics-door.ts'
import { mountUnsubscribe, notificationRoutes } from './notification-routes.ts'
import { describeCredentials, type OperationRoute, operationRoute } from './operation-route.ts'
import { operationsRoutes } from './operations-routes.ts'
import { originGuard } from './origin-guard.ts'
import { peopleRoutes } from './people-routes.ts'
import { playbackRoutes } from './playback-routes.ts'
import { mountErasureEvidence, privacyRoutes } from './privacy-routes.ts'
import { problemResponse } from './problem.ts'
import { limitReading, limitTo } from './rate-limit.ts'
import { mountVerifier, receiptRoutes } from './receipt-routes.ts'
import { mountFindingsExport, reconciliationRoutes } from './reconciliation-routes.ts'
import { type Env, requestContext } from './request-context.ts'
import { ownRevocationRoutes, revocationRoutes } from './revocation-routes.ts'
import { mountShareDoor } from './share-door.ts'
import { mountShareExport, shareListRoutes } from './share-list-routes.ts'
import { adminShareRoutes, sharingRoutes } from './sharing-routes.ts'
import { staffRoutes } from './staff-routes.ts'
import { mountTelemetryExports, telemetryRoutes } from './telemetry-routes.ts'
import { uploadRoutes } from './upload-routes.ts'
import { videoRoutes } from './video-routes.ts'
import { mountViewerPage } from './viewer-door.ts'
import { mountViewerRecord } from './viewer-record-door.ts'
import { mountViewing } from './viewing-door.ts'
import { viewingRoutes } from './viewing-routes.ts'
import { mountWebhooks } from './webhook-door.ts'
import { webhookRoutes } from './webhook-routes.ts'
import { mountWellKnown } from './well-known-door.ts'

/** What is one operation a route; what needs more has a door of its own. */
function routesOf(app: App): OperationRoute[] {
  return [
    ...sharingRoutes,
    ...ownRevocationRoutes,
    ...(app.settings.ADMIN_SHARE_UI_ENABLED
      ? [...adminShareRoutes, ...shareListRoutes, ...revocationRoutes]
      : []),
    ...uploadRoutes,
    ...videoRoutes,
    ...identityRoutes,
    ...accountRoutes,
    ...apiKeyRoutes,
    ...peopleRoutes,
    ...staffRoutes,
    ...emergencyRoutes,
    ...operationsRoutes,
    ...webhookRoutes,
    ...alertRoutes,
    ...reconciliationRoutes,
    ...telemetryRoutes,
    ...auditRoutes,
    ...logAccessRoutes,
    ...receiptRoutes,
    ...auditArchiveRoutes,
    ...playbackRoutes,
    ...viewingRoutes,
    ...notificationRoutes,
    ...limitRoutes,
    ...abuseRoutes,
    ...privacyRoutes,
  ]
}

/** The whole HTTP surface beside pages and the engine. */
export function createApi(app: App): OpenAPIHono<Env> {
  const api = new OpenAPIHono<Env>({ strict: false, defaultHook: refuseInvalid })
  api.onError(problemResponse)
  const missing = noRouteFor(api)
  api.notFound((c) => problemResponse(missing(c.req.path), c))
  // Before everything that may refuse a request: each refused webhook must be known and counted as one.
  mountWebhooks(api, app)
  api.use(requestContext(app))
  api.use(originGuard, bodyLimit)

  mountHealth(api)
  mountWellKnown(api)
  mountAuth(api, app)
  mountShareDoor(api)
  mountDownloads(api)
  mountViewerRecord(api)
  mountViewing(api)
  mountUnsubscribe(api)
  mountViewerPage(api)
  mountAuditLog(api)
  mountVerifier(api)
  mountSnapshots(api)
  mountAuditSchema(api)
  mountLogReviewExport(api)
  mountErasureEvidence(api)
  mountCron(api)
  mountFindingsExport(api)
  mountMetrics(api)
  mountTelemetryExports(api)
  if (app.settings.ADMIN_SHARE_UI_ENABLED) mountShareExport(api)
  for (const route of routesOf(app)) {
    const reads = route.method === 'get' && route.operation.kind === 'read'
    operationRoute(api, { ...route, before: route.before ?? [reads ? limitReading('api') : limitTo('api')] })
  }
  describeCredentials(api)
  api.use('/api/openapi.json', limitTo('api'))
  mountDocument(api, app)
  // Paths that lead nowhere are counted as those that lead somewhere.
  api.all('/api/*', limitTo('api'), (c) => {
    throw missing(c.req.path)
  })
  return api
}

/** The document is made at the first question, once. */
function mountDocument(api: OpenAPIHono<Env>, app: App): void {
  let document: string | null = null
  api.get('/api/openapi.json', (c) => {
    document ??= JSON.stringify(
      describeApi(
        api.getOpenAPI31Document({
          openapi: '3.1.0',
          info: {
            title: 'Motion Mavericks Portal',
            version: '0.1.0',
            description: 'Share confidential video, and prove who could see it.',
            contact: { name: 'Motion Mavericks', url: `${app.settings.PUBLIC_URL}/.well-known/security.txt` },
          },
          servers: [{ url: '/', description: 'This installation, in production', 'x-internal': false }],
        }),
      ),
    )
    return c.body(document, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
  })
}

type Checked = { success: boolean; error?: { issues: { path: PropertyKey[]; message: string }[] } }

function refuseInvalid(result: Checked): void {
  if (result.success || !result.error) return
  const errors = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.') || 'body',
    message: issue.message,
  }))
  throw new AppError('invalid', errors.map((e) => `${e.path}: ${e.message}`).join('; '), { errors })
}
