import { expect } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { invite } from '../../support/portal-people.ts'
import { Given, newAgency, Then, When } from './fixtures.ts'

When('the administrator signs in', async ({ stage, world }) => {
  const { page } = await world.window('administrator')
  await signInOnPage(page, stage.stack.url, stage.stack.admin)
})

Then("the administrator sees the team's videos", async ({ world }) => {
  const { page } = await world.window('administrator')
  await expect(page).toHaveURL(/\/videos$/)
  await expect(page.getByRole('heading', { name: 'Videos', level: 1 })).toBeVisible()
})

When('somebody signs in as the administrator with a wrong password', async ({ stage, world }) => {
  const { page } = await world.window('somebody')
  await page.goto(`${stage.stack.url}/`)
  await page.getByLabel('E-mail').fill(stage.stack.admin.email)
  await page.getByLabel('Password').fill('not the right password')
  await page.getByRole('button', { name: 'Sign in' }).click()
})

Then('they read {string}', async ({ world }, words: string) => {
  const { page } = await world.window('somebody')
  await expect(page.getByText(words)).toBeVisible()
})

Given('the administrator has invited an agency', async ({ stage, world }) => {
  const { page } = await world.window('administrator')
  await signInOnPage(page, stage.stack.url, stage.stack.admin)
  await page.getByRole('link', { name: 'People' }).click()
  await page.getByRole('button', { name: /^Invite/ }).click()
  const dialog = page.getByRole('dialog')
  const email = `invited.${Date.now()}@example.com`
  await dialog.getByLabel('E-mail').fill(email)
  await dialog.getByLabel('Organisation').fill('Northside Pictures')
  await dialog.getByRole('button', { name: 'Invite' }).click()
  await expect(dialog.getByText('A mail is on its way to')).toBeVisible()
  world.account = { email, password: 'a few plain words' }
})

When('the agency opens the invitation and chooses a name and a password', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const account = world.account
  if (!account) throw new Error('nobody was invited')
  await page.goto(await mailedInvitation(stage.admin, account.email))
  await join(page, account.password)
})

Then('the agency sees no videos yet', async ({ world }) => {
  const { page } = await world.window('agency')
  await expect(page.getByText('No videos yet')).toBeVisible()
  await expect(page.getByText('Northside Pictures').first()).toBeVisible()
})

Given('an invitation that was used', async ({ stage, world }) => {
  world.account = await invite(stage.admin)
})

When('somebody opens that invitation and chooses a name and a password', async ({ stage, world }) => {
  const { page } = await world.window('somebody')
  await page.goto(await mailedInvitation(stage.admin, world.account?.email ?? ''))
  await join(page, 'a few plain words')
})

Given('the agency has a video that plays', async ({ stage }) => {
  const { status } = await stage.agency.call<{ status: string }>('GET', `/api/videos/${stage.videoId}`)
  expect(status).toBe('ready')
})

When('another agency opens the address of that video', async ({ stage, world }) => {
  const { page } = await world.window('somebody')
  const { account } = await newAgency(stage)
  await signInOnPage(page, stage.stack.url, account)
  await page.goto(`${stage.stack.url}/videos/${stage.videoId}`)
})

Then('they read that there is no such page', async ({ stage, world }) => {
  const { page } = await world.window('somebody')
  await expect(page.getByRole('heading', { level: 1 })).toContainText(
    /no such|not here|nothing|does not exist/i,
  )
  const status = await page.evaluate(
    (id) => fetch(`/api/videos/${id}`).then((answer) => answer.status),
    stage.videoId,
  )
  expect(status).toBe(404)
})

async function mailedInvitation(
  admin: { call: <T>(method: string, path: string) => Promise<T> },
  to: string,
) {
  let url: string | undefined
  await expect(async () => {
    const { items } = await admin.call<{ items: { to: string; text: string }[] }>('GET', '/api/admin/outbox')
    url = items.find((mail) => mail.to === to)?.text.match(/http\S+\/join#\S+/)?.[0]
    expect(url).toBeTruthy()
  }).toPass({ timeout: 15_000 })
  return url ?? ''
}

async function join(page: import('@playwright/test').Page, password: string): Promise<void> {
  await page.getByLabel('Your name').fill('Jo North')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Join' }).click()
}
