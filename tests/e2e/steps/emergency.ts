import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { invite } from '../../support/portal-people.ts'
import { Given, Then, When } from './fixtures.ts'

/** What the outbox answers to whoever is signed in on this page. */
const outboxStatus = (page: Page) =>
  page.evaluate(() => fetch('/api/admin/outbox').then((answer) => answer.status))

const ROW = /operations, 30 minutes/

const rowOf = (page: Page) => page.getByRole('listitem').filter({ hasText: ROW })

Given('an administrator who belongs to no group cannot read the outbox', async ({ stage, world }) => {
  const { page } = await world.window('somebody')
  const account = await invite(stage.admin, { role: 'admin', organisation: 'Staff' })
  await signInOnPage(page, stage.stack.url, account)
  expect(await outboxStatus(page)).toBe(403)
})

When(
  'they ask for the rights of operations for {int} minutes, because {string}',
  async ({ stage, world }, minutes: number, why: string) => {
    const { page } = await world.window('somebody')
    await page.goto(`${stage.stack.url}/admin/emergency`)
    await page.getByRole('button', { name: 'Ask for access' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What you need').selectOption('group:operations')
    await dialog.getByLabel('Minutes').fill(String(minutes))
    await dialog.getByLabel('Reason').fill(why)
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
    await expect(rowOf(page)).toContainText('Waits for a second person')
  },
)

Then('they still cannot read the outbox, and cannot agree to it themselves', async ({ world }) => {
  const { page } = await world.window('somebody')
  expect(await outboxStatus(page)).toBe(403)
  await expect(rowOf(page).getByRole('button', { name: 'Agree' })).toHaveCount(0)
})

When('the first administrator agrees to it', async ({ stage, world }) => {
  const { page } = await world.window('administrator')
  await signInOnPage(page, stage.stack.url, stage.stack.admin)
  await page.goto(`${stage.stack.url}/admin/emergency`)
  await rowOf(page).getByRole('button', { name: 'Agree' }).click()
  await expect(rowOf(page)).toContainText('Runs now')
})

Then('a banner tells them of their access, and they can read the outbox', async ({ world }) => {
  const { page } = await world.window('somebody')
  await page.reload()
  await expect(page.getByText('You have emergency access until')).toBeVisible()
  expect(await outboxStatus(page)).toBe(200)
})

When('they end the access', async ({ world }) => {
  const { page } = await world.window('somebody')
  await rowOf(page).getByRole('button', { name: 'End now' }).click()
})

Then('they cannot read the outbox any more, and the access waits for its review', async ({ world }) => {
  const { page } = await world.window('somebody')
  await expect(rowOf(page)).toContainText('Waits for its review')
  expect(await outboxStatus(page)).toBe(403)
})
