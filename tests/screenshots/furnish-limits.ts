import { DEFAULT_RULES } from '../../portal/src/modules/limits/rules.ts'
import type { PortalClient } from '../support/portal-client.ts'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'

/** What taking the pictures itself would run into, four times each. */
const WATCHED = [
  'playback',
  'playback-network',
  'gate',
  'sign-in',
  'sign-in-network',
  'sign-in-address',
  'api',
] as const

/** Watches some limits before any is met: the others are enforced, as on a portal in use. */
export async function watchSomeLimits(admin: PortalClient): Promise<void> {
  const rules = Object.fromEntries(
    WATCHED.map((name) => {
      const { quota, windowSeconds, burst } = DEFAULT_RULES[name]
      return [name, { quota, windowSeconds, burst, mode: 'monitor' }]
    }),
  )
  await admin.call('PUT', '/api/admin/limits', {
    version: 0,
    rules,
    reason: 'A week of watching, before these are enforced at the new office.',
  })
}

/** A day of throttling, and higher limits in each state: one waits, one runs, one was declined, one is over. */
export async function furnishLimits(stack: Stack, agency: PortalClient, admin: PortalClient): Promise<void> {
  const ask = (quota: number, hours: number, reason: string) =>
    agency.call<{ id: string }>('POST', '/api/limits/overrides', {
      ...{ class: 'upload', quota, reason },
      expiresAt: new Date(Date.now() + hours * 3_600_000).toISOString(),
    })
  const decide = (id: string, what: 'approve' | 'decline') =>
    admin.call('POST', `/api/admin/limits/overrides/${id}/${what}`, {})
  await decide(
    (await ask(40, 100, 'Festival delivery: forty reels, all of them until Friday.')).id,
    'approve',
  )
  await decide((await ask(100_000, 600, 'Just in case we need it some day.')).id, 'decline')
  await ask(
    60,
    20,
    'The archive of 2019 comes in at once: sixty tapes, digitised overnight by the laboratory.',
  )
  await onDatabase(stack, async (db) => {
    await db.query(
      `insert into limit_overrides (id, limit_class, subject_kind, subject_id, quota, reason, asked_by, asked_at, expires_at,
         decision, decided_by, decided_at)
       select 'lov_premiere', 'playback', 'share', 'shr_furnished_for_the_premiere', 12000,
         'Premiere at eight: a thousand people behind one address.', min(user_id) filter (where role = 'agency'),
         now() - interval '4 days', now() - interval '3 days', 'approved', min(user_id) filter (where role = 'admin'),
         now() - interval '4 days'
       from members`,
    )
    await db.query(
      `insert into limit_counts (minute, rule, admitted, refused, would_refuse)
       select date_trunc('minute', now()) - hour * interval '1 hour', rule, much * (3 + hour * 7 % 11),
         case when rule in ('upload', 'audit-log') then few * (hour * 5 % 7) / 3 else 0 end,
         case when rule in ('playback', 'sign-in') then few * (hour * 11 % 9) / 2 else 0 end
       from generate_series(1, 22) hour,
         (values ('playback', 900, 40), ('sign-in', 60, 6), ('upload', 4, 3), ('audit-log', 300, 2), ('page', 2400, 0)) given (rule, much, few)
       on conflict do nothing`,
    )
    await db.query(
      `insert into limit_throttlings (minute, rule, identity, enforced, reason, policy_version, count, first_at, last_at)
       select date_trunc('minute', now()) - ago * interval '1 minute', rule, md5(rule || place), enforced, 'quota', 1,
         count, now() - ago * interval '1 minute', now() - ago * interval '1 minute'
       from (values ('playback', 1, false, 1840, 12), ('playback', 2, false, 311, 95), ('upload', 1, true, 44, 200),
         ('sign-in', 1, false, 39, 400)) given (rule, place, enforced, count, ago)`,
    )
  })
}
