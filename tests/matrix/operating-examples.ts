import { getLogHead } from '../../portal/src/modules/audit/read-log.ts'
import { unsubscribeToken } from '../../portal/src/modules/notifications/unsubscribe-token.ts'
import { exportTelemetry } from '../../portal/src/modules/reliability/telemetry/export-telemetry.ts'
import { grantLogReading, type TestApp } from '../support/test-app.ts'
import { type Example, nextSerial, OWN_AND_ENDED, own, unconditional } from './example.ts'
import {
  administratorAddress,
  insertLogSearch,
  logGrantOf,
  logGrantUnderReview,
} from './log-access-objects.ts'

/** A genuine event about an upload that nobody here knows. Its route takes raw bytes, and a signature in a header. */
function signedWebhook(t: TestApp) {
  const id = `matrix-${nextSerial()}`
  const upload = { id, status: 'cancelled' as const, timeout: 60, cors_origin: '*', new_asset_settings: {} }
  const text = t.mux.event('video.upload.cancelled', upload)
  const body = new TextEncoder().encode(text)
  return { body, bodyBytes: body.byteLength, signature: t.mux.sign(text, { at: t.app.clock() }) }
}

/** A verified webhook that was given up, about an upload that nobody here knows. */
async function insertDeadLetter(t: TestApp): Promise<string> {
  const id = `matrix-letter-${nextSerial()}`
  await t.app.pool.query(
    `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at, state,
       attempts, cause, last_error, died_at) values ($1, 'mux', 'video.asset.ready', 'asset', $1, '{}', $2, $2, 'dead',
       5, 'provider_unavailable', 'No answer.', $2)`,
    [id, t.app.clock()],
  )
  return id
}

/** An alert that nobody looks after yet. */
async function openAlert(t: TestApp): Promise<string> {
  const key = `matrix-${nextSerial()}`
  await t.app.ports.alerts.raise({ key, severity: 'info', summary: 'Something is to be looked at' })
  const { rows } = await t.app.pool.query('select id from alerts where key = $1', [key])
  return String(rows[0].id)
}

/** A comparison with the video service, after which none runs. */
async function insertReconciliation(t: TestApp, status: 'done' | 'held'): Promise<string> {
  const id = `matrix-run-${nextSerial()}`
  await t.app.pool.query(`update reconciliations set status = 'failed' where status = 'running'`)
  await t.app.pool.query(
    `insert into reconciliations (id, provider, mode, asked_by, status, stage, started_at, updated_at, held)
     values ($1, 'mux', 'apply', 'matrix', $2, 'over', $3, $3, 1)`,
    [id, status, t.app.clock()],
  )
  return id
}

async function newestEvent(t: TestApp): Promise<string> {
  const { rows } = await t.app.pool.query(
    `select entry::jsonb ->> 'id' as id from audit_events order by seq desc limit 1`,
  )
  return rows[0].id
}

/** An event of whoever owns a video, in the tree. */
async function eventOfVideo(t: TestApp, videoId: string): Promise<string> {
  const { rows } = await t.app.pool.query('select owner_id from videos where id = $1', [videoId])
  const { id } = await t.app.db.transaction((tx) =>
    t.app.audit.record(tx, {
      action: 'video.rename',
      actor: { kind: 'user', id: rows[0].owner_id, role: 'agency', groups: [], organisationId: 'org' },
      target: { type: 'video', id: videoId },
      outcome: 'allowed',
      reason: null,
      requestId: 'req_matrix',
      region: 'AU',
      time: t.app.clock(),
    }),
  )
  await t.app.auditReader.head()
  return id
}

/** The newest head, as if an authority had stamped it; its size. */
async function stampedHead(t: TestApp): Promise<number> {
  const { size } = await t.app.auditReader.head()
  await t.app.pool.query(
    `insert into audit_timestamps (size, authority, imprint, response, stamped_at, received_at)
     values ($1, 'tsa.example', sha256('matrix'), 'matrix', $2, $2) on conflict do nothing`,
    [size, t.app.clock()],
  )
  return size
}

/** A signing key that somebody else has replaced after a compromise. */
async function insertReplacedKey(t: TestApp): Promise<string> {
  const id = `matrix-key-${nextSerial()}`
  await t.app.pool.query(
    `insert into signing_keys (id, provider, private_key_sealed, created_at, retired_at, retire_reason, retired_by,
       delete_after, deleted_at) values ($1, 'mux', '', $2, $2, 'compromised', 'usr_somebody', $2, $2)`,
    [id, t.app.clock()],
  )
  return id
}

/** Signing keys, webhooks, mail, the audit log. */
export const OPERATING_EXAMPLES: Record<string, Example> = {
  'signing-key.list': unconditional(),
  'master-key.rotate': unconditional(),
  'data-key.rotate': unconditional(),
  'data-key.status': unconditional(),
  'data-key.destroy': unconditional(),
  'secret.rotate': unconditional(async () => ({ name: 'metrics' })),
  'signing-key.create': unconditional(),
  'signing-key.rotate': unconditional(async () => ({ reason: 'requested' })),
  'signing-key.review': unconditional(async (_objects, t) => ({ id: await insertReplacedKey(t) })),

  'webhook.receive': unconditional(async (_objects, t) => signedWebhook(t)),
  'webhook.list': unconditional(),
  'webhook.list-dead-letters': unconditional(),
  'webhook.get': unconditional(async (_objects, t) => ({ id: await insertDeadLetter(t) })),
  'webhook.summary': unconditional(),
  'webhook.list-replays': unconditional(),
  'webhook.replay': unconditional(async () => ({ dryRun: true })),
  'webhook.replay-one': unconditional(async (_objects, t) => ({ id: await insertDeadLetter(t) })),
  'webhook.discard': unconditional(async (_objects, t) => ({
    id: await insertDeadLetter(t),
    reason: 'nobody waits for it',
  })),
  'webhook.list-rejections': unconditional(),
  'reconciliation.start': unconditional(async (_objects, t) => {
    await insertReconciliation(t, 'done')
    return {}
  }),
  'reconciliation.decide': unconditional(async (_objects, t) => ({
    ...{ id: await insertReconciliation(t, 'held'), decision: 'leave', reason: 'they are gone on purpose' },
  })),
  'reconciliation.list': unconditional(),
  'reconciliation.get': unconditional(async (_objects, t) => ({ id: await insertReconciliation(t, 'done') })),
  'reconciliation.findings': unconditional(),
  'reconciliation.export': unconditional(),
  'retention.run': unconditional(),
  'retention.list': unconditional(),
  'notification.preferences': { ...unconditional(), usersOnly: true },
  'notification.set-preferences': {
    ...unconditional(async () => ({ expiry: 'daily' })),
    usersOnly: true,
  },
  'notification.unsubscribe': unconditional(async (_objects, t, mine) => ({
    token: unsubscribeToken(t.app.keys, mine.id),
  })),
  'outbox.list': unconditional(),
  'telemetry.read': unconditional(),
  'telemetry.check': unconditional(),
  'telemetry.export': unconditional(async () => ({ from: '2026-11-20', until: '2026-11-21' })),
  'telemetry.list-exports': unconditional(),
  'telemetry.download-export': unconditional(async (_objects, t) => {
    const command = t.app.newContext({ kind: 'command', id: 'matrix' })
    const { id } = await t.app.call(exportTelemetry, { from: '2026-11-21', until: '2026-11-21' }, command)
    return { id }
  }),
  'settings.change': unconditional(),
  'settings.state': unconditional(),
  'settings.check-staging': unconditional(),
  'alert.list': unconditional(),
  'alert.channels': unconditional(),
  'alert.test': unconditional(),
  'alert.acknowledge': unconditional(async (_objects, t) => ({
    id: await openAlert(t),
    reason: 'looked after',
  })),
  'alert.resolve': unconditional(async (_objects, t) => ({ id: await openAlert(t), reason: 'it is over' })),

  'audit.search': unconditional(),
  'audit.export': unconditional(),
  'audit.export-events': unconditional(async () => ({ share: 'shr_none' })),
  'audit.list-searches': unconditional(),
  'audit.save-search': own(async () => ({ name: 'Matrix', query: { text: 'playback' } })),
  'audit.delete-search': own(async (_objects, t, mine) => ({ id: await insertLogSearch(t, mine) })),
  'audit.download': unconditional(),
  'audit.read': unconditional(async (_objects, t) => {
    await t.app.call(getLogHead, {}, t.app.newContext({ kind: 'command', id: 'matrix' }))
    return { path: 'checkpoint' }
  }),
  'audit.head': unconditional(),
  'audit.vkeys': unconditional(),
  'audit.timestamps': unconditional(),
  'audit.timestamp': unconditional(async (_objects, t) => ({ size: await stampedHead(t) })),
  'audit.rotate-key': unconditional(async () => ({ reason: 'compromised', note: 'a laptop was stolen' })),
  'audit-access.own': unconditional(),
  'audit-access.list': unconditional(),
  'audit-access.request': own(async (_objects, t, mine) => {
    await t.app.pool.query(
      "update log_grants set asked_at = 'epoch' where user_id = $1 and decision is null",
      [mine.id],
    )
    return { reason: 'matrix of rights' }
  }),
  'audit-access.approve': unconditional(async (_objects, t, mine) => ({
    id: await logGrantOf(t, mine, 'asked'),
  })),
  'audit-access.decline': unconditional(async (_objects, t, mine) => ({
    id: await logGrantOf(t, mine, 'asked'),
  })),
  'audit-access.end': own(async (_objects, t, mine) => ({
    // A key ends nothing: a grant of its owner's would outlive this cell.
    id: mine.role === 'admin' && !mine.apiKey ? await grantLogReading(t.app, mine.id) : 'lga_none',
  })),
  'audit-access.first': unconditional(),
  'audit-access.give': unconditional(async (_objects, t, mine) => ({
    email: await administratorAddress(t, mine),
    reason: 'matrix of rights',
  })),
  'audit-access.expire': unconditional(async (_objects, t, mine) => ({
    id: await logGrantOf(t, mine, 'over'),
  })),
  'audit-access.open-review': unconditional(),
  'audit-access.list-reviews': unconditional(),
  'audit-access.review': unconditional(async (_objects, t, mine) => ({
    ...(await logGrantUnderReview(t, mine)),
    decision: 'keep',
    evidence: 'matrix',
  })),
  'audit-access.export-review': unconditional(async (_objects, t, mine) => ({
    id: (await logGrantUnderReview(t, mine)).reviewId,
  })),
  'audit.own-receipt': {
    reach: OWN_AND_ENDED,
    usersOnly: true,
    input: async (objects, t) => ({ id: await eventOfVideo(t, await objects.video()) }),
  },
  'audit.receipt': unconditional(async (_objects, t) => ({ id: await newestEvent(t) })),
}
