import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import type { NewShare } from '../../support/ready-video.ts'
import { watchPlayer } from '../../support/watching.ts'
import { Given, type Stage, Then, When, type World } from './fixtures.ts'

async function signedIn(stage: Stage, world: World, who: 'agency' | 'administrator'): Promise<Page> {
  const { page } = await world.window(who)
  await signInOnPage(page, stage.stack.url, who === 'agency' ? stage.account : stage.stack.admin)
  return page
}

async function shareDialog(stage: Stage, page: Page) {
  await page.goto(`${stage.stack.url}/videos/${stage.videoId}`)
  await page.getByRole('button', { name: 'Share…' }).click()
  return page.getByRole('dialog', { name: 'Share this video' })
}

const linkField = (page: Page) => page.getByRole('textbox', { name: 'Share link' })

function keepLink(world: World, url: string): void {
  world.share = { id: '', token: url.split('/').at(-1) ?? '', url }
}

Given(
  'the agency makes a link on its page that asks to agree to {string}, with the note {string} and a watermark',
  async ({ stage, world }, terms: string, note: string) => {
    const page = await signedIn(stage, world, 'agency')
    const dialog = await shareDialog(stage, page)
    await dialog.getByRole('radio', { name: /Anyone with the link/ }).check()
    await dialog.getByText('More conditions').click()
    await dialog.getByLabel('They must agree to').fill(terms)
    await dialog.getByLabel('Note to the viewer').fill(note)
    await dialog.getByRole('checkbox', { name: /Watermark/ }).check()
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    keepLink(world, await linkField(page).inputValue())
  },
)

When('the viewer opens the link and agrees to {string}', async ({ world }, terms: string) => {
  const { page } = await world.window('viewer')
  await page.goto(world.share?.url ?? '')
  await expect(page.getByRole('region', { name: 'What you agree to' })).toHaveText(terms)
  await page.getByRole('button', { name: 'I agree, watch' }).click()
})

Then("the viewer's watermark shows", async ({ world }) => {
  const { page } = await world.window('viewer')
  const mark = page.locator('media-controller .watermark')
  await expect(mark).toHaveText(/^viewer \w{8} \d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
  // Also once the controls have faded.
  await expect(page.locator('media-controller')).toHaveAttribute('userinactive', '')
  expect(await mark.evaluate((element) => getComputedStyle(element).opacity)).toBe('1')
  const [picture, box] = [await page.locator('hls-video').boundingBox(), await mark.boundingBox()]
  expect(box && picture && box.x >= picture.x && box.y >= picture.y).toBe(true)
  expect(box?.height).toBeGreaterThan(10)
})

Given('a link for anyone that opens in {int} seconds', async ({ stage, world }, seconds: number) => {
  const startsAt = new Date(Date.now() + seconds * 1000).toISOString()
  world.share = await stage.agency.call<NewShare>('POST', `/api/videos/${stage.videoId}/shares`, {
    access: 'link',
    startsAt,
  })
})

When('the viewer opens the link', async ({ world }) => {
  const { page } = await world.window('viewer')
  await page.goto(world.share?.url ?? '')
})

When('the time has come and the viewer presses Watch', async ({ world }) => {
  const { page } = await world.window('viewer')
  await page.getByRole('button', { name: 'Watch' }).click({ timeout: 60_000 })
})

When(
  'the agency asks on its page for a link that lives {int} days, because {string}',
  async ({ stage, world }, days: number, reason: string) => {
    const page = await signedIn(stage, world, 'agency')
    const dialog = await shareDialog(stage, page)
    await dialog.getByRole('radio', { name: /Anyone with the link/ }).check()
    await dialog.getByLabel('Ends').selectOption({ label: `in ${days} days` })
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    await dialog.getByLabel('Why it should').fill(reason)
    await dialog.getByRole('button', { name: 'Ask for the link' }).click()
  },
)

Then('the agency reads that a second person decides', async ({ world }) => {
  const { page } = await world.window('agency')
  const dialog = page.getByRole('dialog', { name: 'A second person decides' })
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText('Waits for approval').first()).toBeVisible()
})

When(
  'the administrator approves it on all shares, because {string}',
  async ({ stage, world }, why: string) => {
    const page = await signedIn(stage, world, 'administrator')
    await page.goto(`${stage.stack.url}/admin/shares?status=pending_approval`)
    await page.getByRole('row').nth(1).getByRole('button').click()
    await expect(page.getByText('lives longer than links may').first()).toBeVisible()
    await page.getByLabel('Your reason').fill(why)
    await page.getByRole('button', { name: 'Approve' }).click()
    await expect(page.getByText('Approved, not fetched').first()).toBeVisible()
  },
)

When('the agency fetches the link on its page', async ({ world }) => {
  const { page } = await world.window('agency')
  await page.reload()
  await page.getByRole('button', { name: 'Fetch the link' }).click()
  keepLink(world, await linkField(page).inputValue())
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
})

Then('the viewer can watch by the fetched link', async ({ world }) => {
  const { page } = await world.window('viewer')
  await page.goto(world.share?.url ?? '')
  await page.getByRole('button', { name: 'Watch' }).click()
  await watchPlayer(page)
})

Then('the agency cannot fetch it again', async ({ world }) => {
  const { page } = await world.window('agency')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Shares' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Fetch the link' })).toHaveCount(0)
})

Given('a link for {string} but not for {string}', async ({ stage, world }, allow: string, deny: string) => {
  world.share = await stage.agency.call<NewShare>('POST', `/api/videos/${stage.videoId}/shares`, {
    access: 'email',
    allow: [allow],
    deny: [deny],
  })
})

When(
  'the administrator opens that link and asks what would happen if {string} came',
  async ({ stage, world }, address: string) => {
    const page = await signedIn(stage, world, 'administrator')
    await page.goto(`${stage.stack.url}/admin/shares?share=${world.share?.id}`)
    await page.getByLabel('What if this address came?').fill(address)
    await page.getByRole('button', { name: 'Ask' }).click()
  },
)

const explanation = async (world: World) =>
  (await world.window('administrator')).page.getByRole('region', { name: 'Who could watch now, and why' })

Then(
  'the administrator reads that everybody at {string} could watch except {string}',
  async ({ world }, domain: string, address: string) => {
    const item = (await explanation(world)).getByRole('listitem')
    await expect(item).toContainText(`Yes`)
    await expect(item).toContainText(`Everybody at ${domain}`)
    await expect(item).toContainText(`Except ${address}`)
  },
)

Then('the answer for that address is no', async ({ world }) => {
  await expect((await explanation(world)).getByRole('status')).toContainText('No')
})
