import { expect, type Page } from '@playwright/test'
import { makeClip } from '../../support/clips.ts'
import { signInOnPage, uploadRow } from '../../support/pages.ts'
import { Given, newAgency, Then, When } from './fixtures.ts'

/** 48 MB: more than the system's own buffers swallow at once, so that there is a middle of the upload. */
const BIG = { seconds: 6, width: 640, height: 360, videoBitrate: 64_000_000 }
const SLOW_BYTES_A_SECOND = 2_500_000
/** From the middle on: half a minute is left to whoever comes, signs in and looks, also on a crowded machine. */
const IN_THE_MIDDLE_BYTES_A_SECOND = 1_000_000

Given('the agency uploads a video over a slow line', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const { account } = await newAgency(stage)
  world.account = account
  await signInOnPage(page, stage.stack.url, account)
  stage.relay.slowDown(SLOW_BYTES_A_SECOND)
  await page
    .getByLabel('Files to upload')
    .first()
    .setInputFiles(await makeClip(BIG))
  await expect(uploadRow(page).getByText(/^([2-7]\d) %$/)).toBeVisible({ timeout: 30_000 })
  stage.relay.slowDown(IN_THE_MIDDLE_BYTES_A_SECOND)
  world.seen.set('percent', (await uploadRow(page).getByText(/ %$/).textContent()) ?? '')
})

When('the connection is lost in the middle', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  stage.relay.cut()
  await expect(uploadRow(page).getByText(/You are offline|Connection lost/)).toBeVisible()
})

When('the connection comes back', async ({ stage }) => {
  stage.relay.slowDown(null)
  stage.relay.mend()
})

When(
  'the agency reloads the page in the middle and chooses the same file again',
  async ({ stage, world }) => {
    const { page } = await world.window('agency')
    await page.reload()
    await expect(uploadRow(page).getByText(/Interrupted/)).toBeVisible()
    const chooser = page.waitForEvent('filechooser')
    await uploadRow(page).getByRole('button', { name: 'Continue' }).click()
    await (await chooser).setFiles(await makeClip(BIG))
    stage.relay.slowDown(null)
  },
)

Then('the upload goes on where it stopped, and ends', async ({ world }) => {
  const { page } = await world.window('agency')
  expect(Number.parseInt(world.seen.get('percent') ?? '', 10)).toBeGreaterThanOrEqual(20)
  await expect(uploadRow(page).getByText('Uploaded')).toBeVisible({ timeout: 60_000 })
  await expect(
    page
      .getByRole('main')
      .getByText(/Ready|Not shared/)
      .first(),
  ).toBeVisible({ timeout: 60_000 })
})

Then('the video plays on its own page', async ({ world }) => {
  const { page } = await world.window('agency')
  await page.locator('a[href^="/videos/vid_"]').first().click()
  await expect(page).toHaveURL(/\/videos\/vid_/)
  await page.locator('media-play-button').click()
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('hls-video')?.currentTime ?? 0) > 0.5,
  )
})

When('the agency uploads a file that only claims to be a video', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const { account } = await newAgency(stage)
  await signInOnPage(page, stage.stack.url, account)
  await page
    .getByLabel('Files to upload')
    .first()
    .setInputFiles({
      name: 'holiday.mp4',
      mimeType: 'video/mp4',
      buffer: Buffer.from('This is a text about a holiday, not a film of it. '.repeat(200)),
    })
})

Then('its card says that it failed, and why', async ({ world }) => {
  const { page } = await world.window('agency')
  const card = page.locator('a[href^="/videos/vid_"]').first()
  await expect(card).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('main')).toContainText(/fail|not playable/i, { timeout: 60_000 })
  await card.click()
  await expect(page.getByText('This file is not playable.')).toBeVisible()
})

const entries = (page: Page) => page.getByRole('list', { name: 'All uploads' }).locator('> li')

Then('the page of all uploads names the reason and who took each step', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  await page.goto(`${stage.stack.url}/uploads?state=failed`)
  await expect(entries(page)).toHaveCount(1)
  await expect(entries(page).getByText('File unreadable').first()).toBeVisible()
  await entries(page).getByText('Timeline and checksum').click()
  const steps = entries(page).getByRole('list').getByRole('listitem')
  await expect(steps.first()).toContainText(/Begun by \w/)
  await expect(steps.last()).toContainText(/Failed: file unreadable by the/)
})

When('the agency opens the uploads in a second tab', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const second = await page.context().newPage()
  tabs.set(page, second)
  await second.goto(`${stage.stack.url}/uploads`)
})

/** The second tab of a page's own browser. */
const tabs = new WeakMap<Page, Page>()
const secondOf = (page: Page): Page => {
  const tab = tabs.get(page)
  if (!tab) throw new Error('no second tab was opened')
  return tab
}

Then('the second tab shows how far the first one is', async ({ world }) => {
  const { page } = await world.window('agency')
  const row = uploadRow(secondOf(page))
  await expect(row.getByText(/another tab or window/)).toBeVisible()
  const percent = async () => Number.parseInt((await row.getByText(/^\d+ %$/).textContent()) ?? '0', 10)
  const before = Number.parseInt(world.seen.get('percent') ?? '', 10)
  await expect.poll(percent, { timeout: 30_000 }).toBeGreaterThan(before)
})

Then('it offers to go on once the first one is closed', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const second = secondOf(page)
  await page.close()
  await expect(uploadRow(second).getByText(/Interrupted/)).toBeVisible({ timeout: 30_000 })
  stage.relay.slowDown(null)
  const chooser = second.waitForEvent('filechooser')
  await uploadRow(second).getByRole('button', { name: 'Continue' }).click()
  await (await chooser).setFiles(await makeClip(BIG))
  await expect(uploadRow(second).getByText('Uploaded')).toBeVisible({ timeout: 60_000 })
})

async function continueWith(page: Page, file: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await uploadRow(page).getByRole('button', { name: 'Continue' }).click()
  await (await chooser).setFiles(file)
}

When('the same person signs in on a phone and chooses another file for it', async ({ stage, world }) => {
  const { page } = await world.window('phone')
  if (!world.account) throw new Error('nobody uploads')
  await page.setViewportSize({ width: 390, height: 844 })
  await signInOnPage(page, stage.stack.url, world.account)
  await page.goto(`${stage.stack.url}/uploads`)
  await expect(uploadRow(page).getByText(/on another device/)).toBeVisible()
  await continueWith(page, stage.clip)
})

Then('the phone refuses that file with a sentence', async ({ world }) => {
  const { page } = await world.window('phone')
  await expect(uploadRow(page).getByText(/This is another file/)).toBeVisible()
})

When('they choose the right file there', async ({ world }) => {
  const { page } = await world.window('phone')
  await continueWith(page, await makeClip(BIG))
})

Then('the first device gives way, and the phone sends the rest', async ({ stage, world }) => {
  const [first, phone] = [(await world.window('agency')).page, (await world.window('phone')).page]
  await expect(uploadRow(first).getByText(/on another device/)).toBeVisible({ timeout: 30_000 })
  stage.relay.slowDown(null)
  await expect(uploadRow(phone).getByText('Uploaded')).toBeVisible({ timeout: 60_000 })
})

Then('what arrived is what was sent', async ({ stage, world }) => {
  const { page } = await world.window('phone')
  await page.goto(`${stage.stack.url}/uploads`)
  await expect(entries(page).getByText('Ready', { exact: true }).first()).toBeVisible({ timeout: 60_000 })
  await entries(page).getByText('Timeline and checksum').click()
  await expect(entries(page).getByText('What arrived is what was sent')).toBeVisible()
})

When('the agency cancels it', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  await uploadRow(page)
    .getByRole('button', { name: /^Cancel/ })
    .click()
  await expect(uploadRow(page)).toHaveCount(0)
  stage.relay.slowDown(null)
})

Then('the page of all uploads says so', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  await page.goto(`${stage.stack.url}/uploads`)
  await expect(entries(page).getByText('Cancelled', { exact: true }).first()).toBeVisible()
})
