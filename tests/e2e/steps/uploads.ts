import { expect } from '@playwright/test'
import { makeClip } from '../../support/clips.ts'
import { signInOnPage, uploadRow } from '../../support/pages.ts'
import { Given, newAgency, Then, When } from './fixtures.ts'

/** 24 MB: more than the system's own buffers swallow at once, so that there is a middle of the upload. */
const BIG = { seconds: 6, width: 640, height: 360, videoBitrate: 32_000_000 }
const SLOW_BYTES_A_SECOND = 2_500_000

Given('the agency uploads a video over a slow line', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  const { account } = await newAgency(stage)
  await signInOnPage(page, stage.stack.url, account)
  stage.relay.slowDown(SLOW_BYTES_A_SECOND)
  await page
    .getByLabel('Files to upload')
    .first()
    .setInputFiles(await makeClip(BIG))
  await expect(uploadRow(page).getByText(/^([2-7]\d) %$/)).toBeVisible({ timeout: 30_000 })
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
