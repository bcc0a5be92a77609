import { sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'

/** A process beats every five seconds. */
const SILENT_AFTER_SECONDS = 60
/** For how long a role that was never stopped in order is missed. */
const MISSED_FOR_HOURS = 24
/** Times its longest pause that a schedule may be late, and the queue's own delay. */
const PAUSES = 3
const QUEUE_MINUTES = 5

type Silence = { key: string; summary: string; details: Record<string, string | number> }

/**
 * What ought to be heard of and is not: a role of which no process writes its metrics down, a job whose schedule has
 * stopped. Every process looks, so that the death of the one that runs the jobs is noticed by the others.
 */
export async function watchSilence(app: App): Promise<{ workerIsSilent: boolean }> {
  const roles = await rolesOf(app)
  const lateJobs = roles.get('worker') === false ? await jobsThatStopped(app) : []
  for (const [role, silent] of roles) {
    await say(app, silent, {
      key: `metrics.silent:${role}`,
      summary: `No process of the role ${role} writes its metrics down any more: it is dead, or its database is.`,
      details: { role },
    })
  }
  await say(app, lateJobs.length > 0, {
    key: 'metrics.silent:schedule',
    summary: 'Jobs that come by themselves have stopped coming.',
    details: { jobs: lateJobs.slice(0, 10).join(', ') },
  })
  return { workerIsSilent: roles.get('worker') ?? false }
}

async function say(app: App, silent: boolean, { key, ...alert }: Silence): Promise<void> {
  if (silent) await app.ports.alerts.raise({ key, severity: 'critical', ...alert })
  else await app.ports.alerts.resolve(key)
}

/** Each role that ran within a day and was not stopped in order, and whether it has fallen silent. */
async function rolesOf(app: App): Promise<Map<string, boolean>> {
  const now = app.clock().toISOString()
  const { rows } = await app.db.execute<{ role: string; silent: boolean }>(sql`
    select role,
      max(beat_at) filter (where stopped_at is null) < ${now}::timestamptz - make_interval(secs => ${SILENT_AFTER_SECONDS})
        as silent
    from telemetry_processes, unnest(roles) as role
    where beat_at > ${now}::timestamptz - make_interval(hours => ${MISSED_FOR_HOURS})
    group by role having bool_or(stopped_at is null)`)
  return new Map(rows.map(({ role, silent }) => [role, silent]))
}

/** Scheduled jobs that this installation has run before and that are overdue by far, while a worker has long been up. */
async function jobsThatStopped(app: App): Promise<string[]> {
  const now = app.clock().getTime()
  const { rows } = await app.db.execute<{ job: string; last: Date; up: Date }>(sql`
    select labels ->> 'job' as job, max(updated_at) as last,
      (select min(started_at) from telemetry_processes
       where 'worker' = any(roles) and stopped_at is null and beat_at > ${new Date(now - 60_000).toISOString()}::timestamptz) as up
    from metric_totals where metric = 'portal.job.duration' group by 1`)
  const ran = new Map(rows.map(({ job, last, up }) => [job, { last: new Date(last), up: new Date(up) }]))
  return app.schedules().flatMap(({ name, longestPauseMinutes }) => {
    const seen = ran.get(name)
    const patience = (PAUSES * longestPauseMinutes + QUEUE_MINUTES) * 60_000
    const isLate = seen && now - seen.last.getTime() > patience && now - seen.up.getTime() > patience
    return isLate ? [name] : []
  })
}
