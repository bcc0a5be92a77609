import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { LogStatus } from '#portal/platform/audit-sink.ts'
import { job } from '#portal/platform/job.ts'
import { lateKey, refusedKey } from './witness-alerts.ts'

/** A head is to be at most 60 s old; the job itself comes once a minute. */
const HEAD_LATE_MS = 90_000
/** An event is to be in the tree within a second; a minute means that nobody does it. */
const INTEGRATION_LATE_MS = 60_000
/** Cosignatures of heads as old as this are thinned out to one an hour and signer. */
const KEEP_ALL_DAYS = 7

/** Every minute: whether heads are signed and cosigned in time. */
export const watchLog = job({
  name: 'audit.watch',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '* * * * *',
  run: ({ app }) => lookAtLog(app),
})

/** Every night: lets older cosignatures go; those of newer heads vouch for all that they cover. */
export const thinCosignatures = job({
  name: 'audit.thin-cosignatures',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '40 2 * * *',
  async run({ app, ctx }) {
    await app.pool.query(
      `delete from audit_cosignatures s where s.signed_at < $1 and exists (
        select from audit_cosignatures l where (l.key_name, l.key_id) = (s.key_name, s.key_id)
          and l.signed_at > s.signed_at and l.signed_at < date_trunc('hour', s.signed_at) + interval '1 hour')`,
      [new Date(ctx.now.getTime() - KEEP_ALL_DAYS * 86_400_000)],
    )
  },
})

type Watching = Pick<App, 'auditReader' | 'clock' | 'telemetry' | 'pool' | 'settings'> & {
  ports: Pick<App['ports'], 'alerts'>
}

/** Measures how the log does, and opens and clears its alerts. */
export async function lookAtLog(app: Watching): Promise<void> {
  const status = await app.auditReader.status()
  if (status.isRunning) await lookAtHead(app, status)
  for (const witness of status.witnesses) await lookAtWitness(app, witness)
  await forgetOthers(app, status)
}

async function lookAtHead(app: Watching, { headAgeMs, pending, lagMs, refused }: LogStatus): Promise<void> {
  app.telemetry.set('portal.audit.pending', {}, pending)
  if (headAgeMs !== null) app.telemetry.set('portal.audit.head.age', {}, headAgeMs / 1000)
  await say(app, (headAgeMs ?? 0) > HEAD_LATE_MS, {
    key: 'audit.head_late',
    severity: 'critical',
    audience: ['security'],
    summary: refused
      ? `The audit log is no longer signed: ${refused}.`
      : 'The audit log has signed no head for more than a minute: nothing can be proved that is newer.',
    details: { seconds: Math.round((headAgeMs ?? 0) / 1000) },
  })
  await say(app, lagMs > INTEGRATION_LATE_MS, {
    key: 'audit.integration_late',
    severity: 'critical',
    audience: ['security'],
    summary: 'Events are recorded, but do not get into the tree of the audit log.',
    details: { pending, oldest_seconds: Math.round(lagMs / 1000) },
  })
}

async function lookAtWitness(app: Watching, witness: LogStatus['witnesses'][number]): Promise<void> {
  const { name, cosignedAt, since, outcome } = witness
  if (outcome === 'cosigned') await app.ports.alerts.resolve(refusedKey(witness))
  const from = cosignedAt ?? since
  if (!from) return
  const seconds = (app.clock().getTime() - from.getTime()) / 1000
  app.telemetry.set('portal.audit.cosignature.age', { witness: name }, seconds)
  await say(app, seconds > app.settings.AUDIT_WITNESS_LATE_SECONDS, {
    key: lateKey(witness),
    severity: 'warning',
    audience: ['security'],
    summary: `The witness ${name} has not cosigned the audit log for a while (${outcome ?? 'not asked'}).`,
    details: { witness: name, seconds: Math.round(seconds) },
  })
}

/** What a setting no longer names is not missed. */
async function forgetOthers(app: Watching, { witnesses }: LogStatus): Promise<void> {
  const { rows } = await app.pool.query<{ name: string }>(
    'delete from audit_witnesses where vkey <> all($1) returning name',
    [witnesses.map(({ vkey }) => vkey)],
  )
  for (const gone of rows) {
    await app.ports.alerts.resolve(lateKey(gone))
    await app.ports.alerts.resolve(refusedKey(gone))
  }
}

async function say(
  { ports }: Watching,
  isSo: boolean,
  { key, ...alert }: Parameters<App['ports']['alerts']['raise']>[0],
): Promise<void> {
  if (isSo) await ports.alerts.raise({ key, ...alert })
  else await ports.alerts.resolve(key)
}
