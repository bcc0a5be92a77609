import type { PortalClient } from '../support/portal-client.ts'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'

/** Detections in each state: one that runs, one that is only watched, one that is over, one that staff let go. */
export async function furnishAbuse(stack: Stack, admin: PortalClient): Promise<void> {
  await admin.call('PUT', '/api/admin/abuse', {
    version: 0,
    rules: {
      'share-scraping': {
        ...{ threshold: 90, windowSeconds: 600, lastsSeconds: 1800, action: 'challenge' },
        ...{ alert: true, mode: 'monitor' },
      },
    },
    reason: 'A school watches all its links in one lesson: look first, then enforce.',
  })
  await onDatabase(stack, async (db) => {
    await db.query(
      `insert into abuse_detections (id, rule, subject, policy_version, threshold, enforced, action, detected_at, until, refused,
         last_refused_at, closed_at, let_go_by, let_go_reason, spared_until)
       values
         ('abd_1', 'credential-stuffing', '5e1b7c09a4d2f6183b90c7e2d4a1f865', 0, 12, true, 'block', now() - interval '3 minutes',
           now() + interval '12 hours', 18204, now(), null, null, null, null),
         ('abd_2', 'share-scraping', '0c94d1e7b25a8f3360712c9be4f58a1d', 0, 60, false, 'challenge', now() - interval '6 minutes',
           now() + interval '9 hours', 37, now(), null, null, null, null),
         ('abd_3', 'credential-stuffing-spread', 'all', 0, 150, true, 'challenge', now() - interval '2 hours',
           now() - interval '105 minutes', 5120, now() - interval '106 minutes', now() - interval '105 minutes', null, null, null),
         ('abd_4', 'token-guessing', 'b7a20f49d31c8e65907f4d1a2be3c058', 0, 20, true, 'block', now() - interval '5 hours',
           now() - interval '285 minutes', 61, now() - interval '295 minutes', now() - interval '290 minutes', (select min(user_id) from members where role = 'admin'),
           'The mail scanner of a partner broke their links; they have mended it.', now() + interval '19 hours')`,
    )
  })
}
