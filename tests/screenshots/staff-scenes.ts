import type { Furnished } from './furnish.ts'
import { press, type Scene } from './scene.ts'

/** The pictures over time come after the page. */
const chartsDrawn: NonNullable<Scene['act']> = (page) =>
  page.locator('.recharts-line-curve').first().waitFor({ state: 'attached' })

export function staff(portal: Furnished): Scene[] {
  return [
    { name: 'admin-shares', as: 'admin', path: '/admin/shares' },
    { name: 'admin-comparison', as: 'admin', path: '/admin/reconciliation' },
    {
      name: 'admin-share',
      as: 'admin',
      path: '/admin/shares?sort=expires',
      async act(page) {
        await page
          .getByRole('button', { name: /Session 14/ })
          .first()
          .click()
        await page.getByText('Share created').waitFor()
      },
    },
    {
      name: 'admin-share-scheduled',
      as: 'admin',
      path: `/admin/shares?share=${portal.scheduledId}`,
      act: (page) => page.getByRole('button', { name: 'Cancel the revoke' }).waitFor(),
    },
    {
      name: 'admin-share-approval',
      as: 'admin',
      path: `/admin/shares?share=${portal.askedId}`,
      act: (page) => page.getByLabel('Your reason').waitFor(),
    },
    {
      name: 'admin-share-explained',
      as: 'admin',
      path: `/admin/shares?share=${portal.manifoldId}`,
      async act(page) {
        await page.getByLabel('What if this address came?').fill('intern@tidal.example')
        await press('Ask')(page)
        await page.getByText('on the list of those who may not').waitFor()
      },
    },
    {
      name: 'admin-shares-chosen',
      as: 'admin',
      path: '/admin/shares?ended=all&sort=views',
      act: press('Choose this page'),
    },
    {
      name: 'admin-shares-bulk',
      as: 'admin',
      path: '/admin/shares?status=active',
      async act(page) {
        await press('Choose this page')(page)
        await press('Emergency…')(page)
        await page.getByText('live links end').waitFor()
      },
    },
    {
      name: 'admin-shares-views',
      as: 'admin',
      path: '/admin/shares?status=active&sort=expires',
      act: press('Save this view…'),
    },
    { name: 'admin-shares-none', as: 'admin', path: '/admin/shares?status=expired&q=hurdles' },
    { name: 'approvals', as: 'admin', path: '/admin/approvals' },
    { name: 'time-to-black', as: 'admin', path: '/admin/revocation' },
    { name: 'metrics', as: 'admin', path: '/admin/telemetry?range=1h', act: chartsDrawn },
    { name: 'metrics-30-days', as: 'admin', path: '/admin/telemetry?range=30d', act: chartsDrawn },
    { name: 'alerts', as: 'admin', path: '/admin/alerts' },
    { name: 'alerts-end', as: 'admin', path: '/admin/alerts', act: press(/Resolve/) },
    { name: 'runbook', as: 'admin', path: '/admin/alerts/runbook' },
    { name: 'alerts-past', as: 'admin', path: '/admin/alerts?state=past' },
    { name: 'people', as: 'admin', path: '/admin/users' },
    { name: 'people-invite', as: 'admin', path: '/admin/users', act: press('Invite a person') },
    { name: 'people-person', as: 'admin', path: '/admin/users', act: press(/^Ana Duarte/) },
    {
      name: 'people-deactivate',
      as: 'admin',
      path: '/admin/users',
      async act(page) {
        await press(/^Ana Duarte/)(page)
        await press('Deactivate…')(page)
      },
    },
    {
      name: 'people-reset',
      as: 'admin',
      path: '/admin/users',
      async act(page) {
        await press(/^Ana Duarte/)(page)
        await press('Reset the second factor…')(page)
      },
    },
    { name: 'people-former', as: 'admin', path: '/admin/users', act: press(/^Former Editor/) },
    { name: 'people-invitation', as: 'admin', path: '/admin/users', act: press(/^coach@/) },
    { name: 'erasures', as: 'admin', path: '/admin/users/erasures' },
    {
      name: 'erasures-agree',
      as: 'admin',
      path: '/admin/users/erasures',
      act: press('Agree to DSR-2026-14'),
    },
    {
      name: 'erasures-ask',
      as: 'admin',
      path: '/admin/users/erasures',
      act: press('Ask for an erasure'),
    },
    { name: 'data-inventory', as: 'admin', path: '/admin/users/data' },
    { name: 'people-organisation', as: 'admin', path: '/admin/users', act: press('New organisation') },
    { name: 'staff', as: 'admin', path: '/admin/staff' },
    { name: 'staff-grant', as: 'admin', path: '/admin/staff', act: press(/^Grant a group to/) },
    { name: 'emergency', as: 'admin', path: '/admin/emergency' },
    { name: 'emergency-ask', as: 'admin', path: '/admin/emergency', act: press('Ask for access') },
    {
      name: 'outbox',
      as: 'admin',
      path: '/admin/outbox',
      async act(page) {
        await page.locator('summary').first().click()
      },
    },
    { name: 'webhooks', as: 'admin', path: '/admin/webhooks' },
    { name: 'webhooks-replay', as: 'admin', path: '/admin/webhooks', act: press('Replay all…') },
    {
      name: 'webhooks-letter',
      as: 'admin',
      path: '/admin/webhooks?state=dead',
      async act(page) {
        await press(/^video\.asset\./)(page)
        await page.getByRole('button', { name: 'Discard for good' }).waitFor()
      },
    },
    { name: 'webhooks-none', as: 'admin', path: '/admin/webhooks?state=discarded' },
    { name: 'keys', as: 'admin', path: '/admin/keys' },
    { name: 'limits', as: 'admin', path: '/admin/limits' },
    { name: 'limits-requests', as: 'admin', path: '/admin/limits/requests', act: chartsDrawn },
    {
      name: 'limits-rules',
      as: 'admin',
      path: '/admin/limits/requests',
      act: (page) => page.getByRole('table', { name: 'Limits' }).scrollIntoViewIfNeeded(),
    },
    {
      name: 'limits-overrides',
      as: 'admin',
      path: '/admin/limits/requests',
      act: (page) => page.getByRole('heading', { name: 'Changes' }).scrollIntoViewIfNeeded(),
    },
    { name: 'limits-rule', as: 'admin', path: '/admin/limits/requests', act: press('Change upload…') },
    { name: 'limits-ask', as: 'admin', path: '/admin/limits/requests', act: press('Ask for more…') },
    { name: 'abuse', as: 'admin', path: '/admin/limits/abuse' },
    { name: 'abuse-let-go', as: 'admin', path: '/admin/limits/abuse', act: press(/^Let go: /) },
    {
      name: 'abuse-rules',
      as: 'admin',
      path: '/admin/limits/abuse',
      act: (page) => page.getByRole('heading', { name: 'Changes' }).scrollIntoViewIfNeeded(),
    },
    {
      name: 'abuse-rule',
      as: 'admin',
      path: '/admin/limits/abuse',
      act: press('Change credential-stuffing…'),
    },
    { name: 'keys-replace', as: 'admin', path: '/admin/keys', act: press('Replace the key…') },
    { name: 'audit', as: 'admin', path: '/admin/audit' },
    { name: 'audit-search', as: 'admin', path: '/admin/audit?text=share&outcome=allowed&from=2026-01-01' },
    { name: 'audit-none', as: 'admin', path: '/admin/audit?text=nothing-is-like-this' },
    { name: 'audit-events', as: 'admin', path: '/admin/audit/events' },
    { name: 'audit-keys', as: 'admin', path: '/admin/audit/keys' },
    { name: 'audit-access', as: 'admin', path: '/admin/audit/access' },
    { name: 'audit-no-grant', as: 'beginner', path: '/admin/audit' },
    {
      name: 'audit-access-ask',
      as: 'beginner',
      path: '/admin/audit/access',
      act: press('Ask to read the log'),
    },
    { name: 'audit-reviews', as: 'admin', path: '/admin/audit/reviews' },
    { name: 'audit-reviews-decide', as: 'admin', path: '/admin/audit/reviews', act: press(/^Decide: /) },
    { name: 'audit-storage', as: 'admin', path: '/admin/audit/storage' },
    {
      name: 'audit-storage-snapshots',
      as: 'admin',
      path: '/admin/audit/storage',
      act: (page) => page.getByRole('list', { name: 'Snapshots' }).scrollIntoViewIfNeeded(),
    },
    { name: 'audit-storage-seal', as: 'admin', path: '/admin/audit/storage', act: press('Seal a snapshot…') },
    {
      name: 'audit-receipt',
      as: 'admin',
      path: `/admin/audit?about=${portal.videoId}`,
      async act(page) {
        await page.locator('[data-row]').last().click()
        await page.getByRole('dialog').getByRole('button', { name: 'proved' }).click()
        await page.getByRole('button', { name: 'Save the receipt' }).waitFor()
      },
    },
  ]
}
