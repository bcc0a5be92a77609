import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { invite } from '../../support/portal-people.ts'
import { type NewShare, shareByLink } from '../../support/ready-video.ts'
import { watchPlayer } from '../../support/watching.ts'
import { Given, Then, When, type World } from './fixtures.ts'

const ADMIN_PAGES = ['/admin/shares', '/admin/users', '/admin/outbox', '/admin/audit']

const administrator = async (world: World) => (await world.window('administrator')).page

Given("an agency's link that somebody watches, and one that was revoked", async ({ stage, world }) => {
  const revoked = await shareByLink(stage.agency, stage.videoId)
  await stage.agency.call('POST', `/api/shares/${revoked.id}/revoke`, { reason: 'wrong_recipient' })
  world.seen.set('revoked', revoked.id)
  world.share = await shareByLink(stage.agency, stage.videoId)
  const { page } = await world.window('viewer')
  await page.goto(world.share.url)
  await page.getByRole('button', { name: 'Watch' }).click()
  await watchPlayer(page)
})

When(
  'the administrator opens all shares and filters by {string}',
  async ({ stage, world }, status: string) => {
    const page = await administrator(world)
    await signInOnPage(page, stage.stack.url, stage.stack.admin)
    await page.getByRole('link', { name: 'All shares' }).click()
    await filterBy(page, status)
  },
)

Then('the revoked link is listed and the other is not', async ({ world }) => {
  const page = await administrator(world)
  await expect(page.getByRole('button', { name: world.seen.get('revoked') ?? '' })).toBeVisible()
  await expect(page.getByRole('button', { name: shareOf(world).id })).toHaveCount(0)
})

When('the administrator filters by {string} and opens the link', async ({ world }, status: string) => {
  const page = await administrator(world)
  await filterBy(page, status)
  await page.getByRole('button', { name: shareOf(world).id }).click()
})

Then('the history of the link says that a view was started', async ({ world }) => {
  const page = await administrator(world)
  const history = page.getByRole('region', { name: 'What happened' })
  await expect(history.getByRole('listitem').first()).toBeVisible()
  await expect(history).toContainText(/view started|began to watch|started/i)
})

When('the administrator revokes it because of {string}', async ({ world }, reason: string) => {
  const page = await administrator(world)
  await page.getByRole('button', { name: 'Revoke…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke this link?' })
  await dialog.getByLabel('Reason').selectOption({ label: await optionLike(dialog, reason) })
  const sent = page.waitForRequest((request) => request.url().endsWith('/revoke'))
  await dialog.getByRole('button', { name: 'Revoke the link' }).click()
  await sent
  world.seen.set('revokedAt', String(Date.now()))
})

Then('the link is listed as revoked', async ({ world }) => {
  const page = await administrator(world)
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  await filterBy(page, 'Revoked')
  await expect(page.getByRole('button', { name: shareOf(world).id })).toBeVisible()
})

When("the agency opens the administrator's pages", async ({ stage, world }) => {
  const { page } = await world.window('agency')
  await signInOnPage(page, stage.stack.url, stage.account)
  await expect(page.getByRole('link', { name: 'All shares' })).toHaveCount(0)
})

Then('each of them says that there is nothing here', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  for (const path of ADMIN_PAGES) {
    await page.goto(`${stage.stack.url}${path}`)
    await expect(page.getByRole('heading', { level: 1, name: 'Nothing here' })).toBeVisible()
  }
})

Given('a guest has an account', async ({ stage, world }) => {
  world.account = await invite(stage.admin, { role: 'guest' })
})

When('the guest signs in', async ({ stage, world }) => {
  const { page } = await world.window('guest')
  await page.goto(`${stage.stack.url}/`)
  await page.getByLabel('E-mail').fill(world.account?.email ?? '')
  await page.getByLabel('Password').fill(world.account?.password ?? '')
  const signedIn = page.waitForResponse((answer) => answer.url().endsWith('/sign-in/email'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  expect((await signedIn).status()).toBe(200)
})

Then('the guest sees no video and can neither upload nor share', async ({ stage, world }) => {
  const { page } = await world.window('guest')
  await expect(page.getByLabel('E-mail')).toHaveCount(0)
  await page.goto(`${stage.stack.url}/videos/${stage.videoId}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.locator('hls-video')).toHaveCount(0)
  const statuses = await page.evaluate(async (id) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const upload = { filename: 'a.mp4', contentType: 'video/mp4', size: 10 }
    const answers = await Promise.all([
      fetch('/api/videos'),
      fetch('/api/uploads', { ...post, body: JSON.stringify(upload) }),
      fetch(`/api/videos/${id}/shares`, { ...post, body: '{"access":"link"}' }),
      fetch(`/api/videos/${id}/playback`, post),
    ])
    return answers.map((answer) => answer.status)
  }, stage.videoId)
  expect(statuses).toEqual([403, 403, 403, 403])
})

async function filterBy(page: Page, status: string): Promise<void> {
  const filter = page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: status })
  await filter.click()
  await expect(filter).toHaveAttribute('aria-current', 'true')
}

async function optionLike(dialog: ReturnType<Page['getByRole']>, words: string): Promise<string> {
  const options = await dialog.getByLabel('Reason').getByRole('option').allTextContents()
  const found = options.find((option) => option.toLowerCase().includes(words.toLowerCase()))
  if (!found) throw new Error(`no reason like "${words}" among ${options.join(', ')}`)
  return found
}

function shareOf(world: World): NewShare {
  if (!world.share) throw new Error('no link was made')
  return world.share
}
