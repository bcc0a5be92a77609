import { expect } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { Given, newAgency, type Stage, Then, When, type World } from './fixtures.ts'

/** The status that a program with the scenario's key gets: no cookie, no origin, as a program asks. */
async function statusOf(
  stage: Stage,
  world: World,
  method: string,
  path: string,
  sent?: object,
): Promise<number> {
  const headers = { authorization: `Bearer ${world.seen.get('key')}`, 'content-type': 'application/json' }
  const body = sent ? JSON.stringify(sent) : null
  const answer = await fetch(`${stage.stack.url}${path}`, { method, headers, body })
  await answer.arrayBuffer()
  return answer.status
}

Given("an agency looks at its account's keys", async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const { account } = await newAgency(stage)
  await signInOnPage(page, stage.stack.url, account)
  await page.goto(`${stage.stack.url}/account/keys`)
})

When('it makes a key named {string} that may list videos', async ({ world }, name: string) => {
  const { page } = await world.window('agency')
  await page.getByRole('button', { name: 'Make a key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Scopes').fill('video.list')
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  world.seen.set('key', await dialog.getByLabel('API key').inputValue())
  await dialog.getByRole('button', { name: 'Done' }).click()
})

Then('the key is shown this once, and lists videos', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const key = world.seen.get('key') ?? ''
  expect(key).toMatch(/^mmk_/)
  await page.reload()
  await expect(page.getByRole('listitem').filter({ hasText: 'Nightly report' })).toBeVisible()
  expect(await page.content()).not.toContain(key)
  expect(await statusOf(stage, world, 'GET', '/api/videos')).toBe(200)
})

Then('the same key may neither list shares nor make keys', async ({ stage, world }) => {
  expect(await statusOf(stage, world, 'GET', '/api/shares')).toBe(403)
  const another = { name: 'Another', scopes: ['video.list'], days: 7 }
  expect(await statusOf(stage, world, 'POST', '/api/account/keys', another)).toBe(403)
})

When('the agency revokes {string}', async ({ world }, name: string) => {
  const { page } = await world.window('agency')
  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText('Revoked')
})

Then('the key opens nothing any more', async ({ stage, world }) => {
  expect(await statusOf(stage, world, 'GET', '/api/videos')).toBe(401)
})
