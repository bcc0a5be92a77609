import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { receiptOfShare } from '../../support/own-receipt.ts'
import { lendSession } from '../../support/pages.ts'
import { inviteWithTotp } from '../../support/portal-people.ts'
import { shareByLink } from '../../support/ready-video.ts'
import { type Stage, Then, When } from './fixtures.ts'

/** All that another colour scheme can change. */
const BY_COLOUR = ['color-contrast', 'link-in-text-block']

type Visit = (page: Page, stage: Stage) => Promise<void>

/** Where each page is, and what shows that it has come to rest. */
const VISITS: Record<string, Visit> = {
  'the sign-in page': async (page, { stack }) => {
    await page.goto(`${stack.url}/`)
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  },
  'an invitation': async (page, { stack }) => {
    await page.goto(`${stack.url}/join#${'A'.repeat(43)}`)
    await expect(page.getByRole('button', { name: 'Join' })).toBeEnabled()
  },
  'a forgotten password': async (page, { stack }) => {
    await page.goto(`${stack.url}/forgot-password`)
    await expect(page.getByRole('button', { name: 'Send the link' })).toBeEnabled()
  },
  'the privacy notice': async (page, { stack }) => {
    await page.goto(`${stack.url}/privacy`)
    await expect(page.getByRole('heading', { level: 1, name: 'Privacy' })).toBeVisible()
    // What is folded away is read too.
    for (const part of await page.locator('summary').all()) await part.click()
  },
  "one's account": team('/account', 'Your account'),
  "one's security": team('/account/security', 'Your account'),
  "the team's videos": team('/videos', 'Videos'),
  "the team's uploads": team('/uploads', 'Uploads'),
  'a video': video,
  'the share dialog': async (page, stage) => {
    await video(page, stage)
    await page.getByRole('button', { name: 'Share…' }).click()
    await expect(page.getByRole('button', { name: 'Make the link' })).toBeVisible()
  },
  "the team's shares": team('/shares', 'Shares'),
  'who watched by a link': async (page, stage) => {
    const share = await stage.agency.call<{ id: string }>('POST', `/api/videos/${stage.videoId}/shares`, {
      access: 'email',
      allow: ['jo@northside.example'],
    })
    await lendSession(page, stage.agency)
    await page.goto(`${stage.stack.url}/shares/${share.id}`)
    await expect(page.getByRole('button', { name: 'Remind jo@northside.example' })).toBeVisible()
  },
  'the mails to choose': async (page, stage) => {
    await lendSession(page, stage.agency)
    await page.goto(`${stage.stack.url}/account/notifications`)
    await expect(page.getByLabel('Somebody is turned away')).toBeVisible()
  },
  'the end of mails': async (page, { stack }) => {
    await page.goto(`${stack.url}/unsubscribe#token`)
    await expect(page.getByRole('button', { name: 'Stop these mails' })).toBeEnabled()
  },
  'the check of a receipt': async (page, { stack, agency, videoId }) => {
    const share = await agency.call<{ id: string }>('POST', `/api/videos/${videoId}/shares`, {
      access: 'link',
    })
    const receipt = Buffer.from(await receiptOfShare(agency, share.id))
    await page.goto(`${stack.url}/verify`, { waitUntil: 'networkidle' })
    await page
      .getByLabel('Choose a receipt')
      .setInputFiles({ name: 'event.tlog-proof', mimeType: 'text/plain', buffer: receipt })
    await expect(page.getByRole('status')).toContainText('this event stands in the log')
  },
  'all shares': staff('/admin/shares', 'All shares'),
  "a share's detail": async (page, stage) => {
    await staff('/admin/shares', 'All shares')(page, stage)
    await page.locator('button[data-row]').first().click()
    await expect(
      page.getByRole('region', { name: 'What happened' }).getByRole('listitem').first(),
    ).toBeVisible()
  },
  'the approvals': staff('/admin/approvals', 'Approvals'),
  'the time to black': staff('/admin/revocation', 'Time to black'),
  'the metrics': staff('/admin/telemetry', 'Metrics'),
  'the alerts': staff('/admin/alerts', 'Alerts'),
  'the vendor runbook': staff('/admin/alerts/runbook', 'Vendor runbook'),
  'the comparison': staff('/admin/reconciliation', 'Comparison'),
  'the webhooks': staff('/admin/webhooks', 'Webhooks'),
  'the people': staff('/admin/users', 'People'),
  "a person's account": async (page, stage) => {
    await staff('/admin/users', 'People')(page, stage)
    await page.getByRole('table', { name: 'People' }).getByText(stage.account.email).first().click()
    await expect(page.getByRole('button', { name: 'Deactivate…' })).toBeVisible()
  },
  'the erasures': staff('/admin/users/erasures', 'Erasures'),
  'the data inventory': staff('/admin/users/data', 'Data inventory'),
  'the staff groups': staff('/admin/staff', 'Staff groups'),
  'emergency access': staff('/admin/emergency', 'Emergency access'),
  "one's API keys": team('/account/keys', 'Your account'),
  'a second factor owed': async (page, { stack, admin }) => {
    const { email, password } = await inviteWithTotp(admin)
    await page.goto(`${stack.url}/`)
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'One more step' })).toBeVisible()
  },
  'the mail outbox': staff('/admin/outbox', 'Mail outbox'),
  'the signing keys': staff('/admin/keys', 'Signing keys'),
  'the limits of links': staff('/admin/limits', 'Limits of links'),
  'the limits of requests': staff('/admin/limits/requests', 'Limits of requests'),
  abuse: staff('/admin/limits/abuse', 'Abuse'),
  'the audit log': staff('/admin/audit', 'Audit log'),
  'types of audit events': staff('/admin/audit/events', 'Audit log'),
  'keys of the log': staff('/admin/audit/keys', 'Audit log'),
  'access to the log': staff('/admin/audit/access', 'Audit log'),
  'reviews of log access': staff('/admin/audit/reviews', 'Audit log'),
  'storage of the log': staff('/admin/audit/storage', 'Audit log'),
  'a page that is not there': team('/no-such-page', 'Nothing here'),
  'the gate of a link': gate,
  'the code of a link': async (page, stage) => {
    await gate(page, stage)
    await page.getByLabel('E-mail').fill('somebody@example.com')
    await page.getByRole('button', { name: 'Send the code' }).click()
    await expect(page.getByRole('heading', { name: 'Check your e-mail' })).toBeVisible()
  },
  'a shared video': async (page, stage) => {
    await page.goto((await shareByLink(stage.agency, stage.videoId)).url)
    await page.getByRole('button', { name: 'Watch' }).click()
    await page.waitForFunction(() => document.querySelector('hls-video') !== null)
    await expect(page.locator('media-play-button')).toBeVisible()
  },
  'a dead link': async (page, { stack }) => {
    await page.goto(`${stack.url}/s/${'A'.repeat(43)}`)
    await expect(page.getByText('This link does not open.')).toBeVisible()
  },
}

function team(path: string, heading: string): Visit {
  return async (page, stage) => {
    await lendSession(page, stage.agency)
    await arrive(page, stage, path, heading)
  }
}

function staff(path: string, heading: string): Visit {
  return async (page, stage) => {
    // So that there is something to list.
    await shareByLink(stage.agency, stage.videoId)
    await lendSession(page, stage.admin)
    await arrive(page, stage, path, heading)
  }
}

async function arrive(page: Page, { stack }: Stage, path: string, heading: string): Promise<void> {
  await page.goto(`${stack.url}${path}`)
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
}

async function video(page: Page, stage: Stage): Promise<void> {
  await lendSession(page, stage.agency)
  await page.goto(`${stage.stack.url}/videos/${stage.videoId}`)
  await expect(page.getByRole('button', { name: 'Share…' })).toBeEnabled()
}

async function gate(page: Page, { agency, videoId }: Stage): Promise<void> {
  const share = await agency.call<{ url: string }>('POST', `/api/videos/${videoId}/shares`, {
    access: 'email',
  })
  await page.goto(share.url)
  await expect(page.getByRole('button', { name: 'Send the code' })).toBeVisible()
}

When(/^somebody looks at (.+)$/, async ({ stage, world }, name: string) => {
  const visit = VISITS[name]
  if (!visit) throw new Error(`nobody said where ${name} is`)
  await visit((await world.window('somebody')).page, stage)
})

Then('axe finds nothing, in light and in dark', async ({ world }) => {
  const { page, faults } = await world.window('somebody')
  const before = faults.length
  const axe = { light: new AxeBuilder({ page }), dark: new AxeBuilder({ page }).withRules(BY_COLOUR) }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await axe[colorScheme].analyze()
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(told, colorScheme).toEqual([])
  }
  // axe copies style sheets about to read them, which the policy forbids; the page itself had its turn before.
  faults.length = before
})
