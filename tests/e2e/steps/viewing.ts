import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import type { NewShare } from '../../support/ready-video.ts'
import { Given, Then, When, type World } from './fixtures.ts'

const viewerPage = async (world: World): Promise<Page> => (await world.window('viewer')).page
const record = (page: Page) => page.getByRole('dialog', { name: 'What is recorded about you' })
const position = (page: Page) =>
  page.locator('hls-video').evaluate((video: HTMLVideoElement) => video.currentTime)

Given(
  'a link for anyone to a video with the chapters {string} and {string}',
  async ({ stage, world }, first: string, second: string) => {
    const { agency, videoId } = stage
    await agency.call('PUT', `/api/videos/${videoId}/chapters`, { text: `${first}\n${second}` })
    world.share = await agency.call<NewShare>('POST', `/api/videos/${videoId}/shares`, { access: 'link' })
  },
)

When('the viewer opens what is recorded about them', async ({ world }) => {
  const page = await viewerPage(world)
  await page.getByRole('button', { name: 'What is recorded about you' }).click()
})

Then('they read when their view began, and take a copy of it', async ({ world }) => {
  const page = await viewerPage(world)
  await expect(record(page).getByText('Your view began')).toBeVisible()
  const saved = page.waitForEvent('download')
  await record(page).getByRole('button', { name: 'Save a copy' }).click()
  const copy = JSON.parse(await readFile(await (await saved).path(), 'utf8'))
  expect(copy.visits[0].viewStartedAt).toBeTruthy()
  expect(copy.notIncluded.length).toBeGreaterThan(0)
})

When('they object', async ({ world }) => {
  const page = await viewerPage(world)
  await record(page).getByRole('button', { name: 'Object…' }).click()
  await record(page).getByRole('button', { name: 'Object and erase' }).click()
})

Then('they read that how they watch is not recorded', async ({ world }) => {
  const page = await viewerPage(world)
  await expect(record(page).getByText('How you watch is not recorded.')).toBeVisible()
  await expect(record(page).getByText('Nothing is kept')).toBeVisible()
  await record(page).getByRole('button', { name: 'Close' }).click()
})

When('the agency revokes that link', async ({ stage, world }) => {
  world.seen.set('revokedAt', String(Date.now()))
  await stage.agency.call('POST', `/api/shares/${world.share?.id}/revoke`, { reason: 'no_longer_needed' })
})

Then('what is recorded can still be opened there', async ({ world }) => {
  const page = await viewerPage(world)
  await page.getByRole('button', { name: 'What is recorded about you' }).click()
  await expect(record(page).getByText('Your view ended')).toBeVisible()
})

Then('it can be opened from the page of the dead link as well', async ({ world }) => {
  const page = await viewerPage(world)
  await page.reload()
  await expect(page.getByText('This link does not open.')).toBeVisible()
  await page.getByRole('button', { name: 'What is recorded about you' }).click()
  await expect(record(page).getByText('Your view ended')).toBeVisible()
})

Then("nothing is kept on the viewer's device", async ({ world }) => {
  const page = await viewerPage(world)
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
})

When(
  'the viewer says yes to being remembered, and goes to the chapter {string}',
  async ({ world }, title: string) => {
    const page = await viewerPage(world)
    await page.getByRole('button', { name: 'Yes, remember' }).click()
    // A short clip: it must not come to its end before it is paused.
    await page.locator('hls-video').evaluate((video: HTMLVideoElement) => {
      video.playbackRate = 0.25
    })
    await page.getByRole('button', { name: title }).click()
    await expect.poll(() => position(page)).toBeGreaterThan(5)
  },
)

When('the viewer pauses and opens the link again', async ({ world }) => {
  const page = await viewerPage(world)
  await page.locator('hls-video').evaluate((video: HTMLVideoElement) => video.pause())
  await expect.poll(() => page.evaluate(() => localStorage.getItem('resume'))).toContain('seconds')
  // Whoever watches is sent the picture with the page; a browser without the cookie is sent none.
  const sent = await (await page.request.get(page.url())).text()
  expect(sent).toContain('fetchPriority="high"')
  const asStranger = await (await page.request.get(page.url(), { headers: { cookie: '' } })).text()
  expect(asStranger).not.toContain('<img')
  await page.reload()
})

Then('they are told that it goes on from there', async ({ world }) => {
  const page = await viewerPage(world)
  await expect(page.getByText(/^Going on from/)).toBeVisible()
})

Then('the player goes on from the chapter {string}', async ({ world }, title: string) => {
  const page = await viewerPage(world)
  const inList = page.locator('section', { hasText: 'Chapters' }).getByRole('button', { name: title })
  await expect(inList).toHaveAttribute('aria-current', 'step')
})

When(
  "the viewer goes to the chapter {string} in the player's menu, with the keyboard alone",
  async ({ world }, title: string) => {
    const page = await viewerPage(world)
    await page.locator('media-chrome-menu-button').focus()
    await page.keyboard.press('Enter')
    const item = page.locator('media-chrome-menu-item', { hasText: title })
    await expect(item).toBeVisible()
    // The menu opens on the chapter that plays; as many steps as it takes, and no more than there are chapters.
    for (let step = 0; step < 2 && !(await item.evaluate((one) => one.matches(':focus'))); step += 1)
      await page.keyboard.press('ArrowUp')
    await expect(item).toBeFocused()
    await page.keyboard.press('Enter')
  },
)

When("the viewer presses the chapter {string} in the player's menu", async ({ world }, title: string) => {
  const page = await viewerPage(world)
  await page.locator('media-chrome-menu-button').click()
  await page.locator('media-chrome-menu-item', { hasText: title }).click()
})

When('the viewer has it forgotten', async ({ world }) => {
  const page = await viewerPage(world)
  await page.getByRole('button', { name: 'Forget' }).click()
})
