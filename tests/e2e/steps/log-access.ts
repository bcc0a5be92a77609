import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { invite } from '../../support/portal-people.ts'
import { Given, Then, When } from './fixtures.ts'

const rowOf = (page: Page, reason: string) => page.getByRole('listitem').filter({ hasText: reason })

Given('an administrator without a grant finds the log closed', async ({ stage, world }) => {
  const { page } = await world.window('reader')
  const account = await invite(stage.admin, { role: 'admin', organisation: 'Staff' })
  await signInOnPage(page, stage.stack.url, account)
  await page.goto(`${stage.stack.url}/admin/audit`)
  await expect(page.getByRole('heading', { name: 'Reading the log takes a grant' })).toBeVisible()
})

When('they ask to read the log, because {string}', async ({ world }, why: string) => {
  const { page } = await world.window('reader')
  world.seen.set('reason', why)
  await page.getByRole('link', { name: 'Ask to read the log' }).click()
  await page.getByRole('button', { name: 'Ask to read the log' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(why)
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
})

Then('they see that a second person has to agree', async ({ world }) => {
  const { page } = await world.window('reader')
  const row = rowOf(page, world.seen.get('reason') ?? '')
  await expect(row).toContainText('Waits for a second person')
  await expect(row.getByRole('button')).toHaveCount(0)
})

When('the first administrator agrees to their reading', async ({ stage, world }) => {
  const { page } = await world.window('administrator')
  await signInOnPage(page, stage.stack.url, stage.stack.admin)
  await page.goto(`${stage.stack.url}/admin/audit/access`)
  const row = rowOf(page, world.seen.get('reason') ?? '')
  await row.getByRole('button', { name: /^Agree/ }).click()
  await expect(row).toContainText('May read now')
})

Then('they read the log, and find their own look in it', async ({ stage, world }) => {
  const { page } = await world.window('reader')
  // A look stands in the log a moment later, once it is under a signed head.
  await expect(async () => {
    await page.goto(`${stage.stack.url}/admin/audit?area=audit&text=audit.search`)
    await expect(page.getByRole('heading', { name: /under a signed head/ })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Log searched' }).first()).toBeVisible({ timeout: 1000 })
  }).toPass()
})

When(
  'the first administrator looks up {string} among the event types',
  async ({ stage, world }, action: string) => {
    const { page } = await world.window('administrator')
    await signInOnPage(page, stage.stack.url, stage.stack.admin)
    await page.goto(`${stage.stack.url}/admin/audit/events`)
    await page.getByLabel('Filter event types').fill(action)
  },
)

Then('they see its label, its controls and how long it is kept', async ({ world }) => {
  const { page } = await world.window('administrator')
  const row = page.getByRole('list', { name: 'Event types' }).getByRole('listitem')
  await expect(row).toHaveCount(1)
  for (const words of ['sensitive', 'GDPR Art. 30', 'ISO 27001 A.8.15', '365 days'])
    await expect(row).toContainText(words)
})
