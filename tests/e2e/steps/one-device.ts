import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import type { NewShare } from '../../support/ready-video.ts'
import { watchPlayer } from '../../support/watching.ts'
import { Given, type Stage, Then, When, type World } from './fixtures.ts'

async function share(stage: Stage, world: World, options: object): Promise<void> {
  const path = `/api/videos/${stage.videoId}/shares`
  world.share = await stage.agency.call<NewShare>('POST', path, { access: 'link', ...options })
}

const windowOf = async (world: World, device: string): Promise<Page> => (await world.window(device)).page

async function pressWatch(world: World, page: Page): Promise<void> {
  await page.goto(world.share?.url ?? '')
  await page.getByRole('button', { name: 'Watch' }).click()
}

const CLOSED = 'This link does not open.'

Given('the agency has shared a video for one device', ({ stage, world }) =>
  share(stage, world, { oneDevice: true }),
)

Given('the agency has shared a video whose marked copy may be taken away', ({ stage, world }) =>
  share(stage, world, { download: 'highest', watermark: true }),
)

When('Jo watches by the link on her {word}', async ({ world }, device: string) => {
  const page = await windowOf(world, device)
  await pressWatch(world, page)
  await watchPlayer(page)
})

When('Jo opens the link in a second tab of her phone', async ({ world }) => {
  const tab = await (await windowOf(world, 'phone')).context().newPage()
  await tab.goto(world.share?.url ?? '')
})

Then('the second tab plays too', async ({ world }) => {
  const [, tab] = (await windowOf(world, 'phone')).context().pages()
  await watchPlayer(tab as Page)
  await tab?.close()
})

When('Jo tries the link on her laptop', async ({ world }) => {
  await pressWatch(world, await windowOf(world, 'laptop'))
})

Then('the laptop is told nothing but that the link does not open', async ({ world }) => {
  const page = await windowOf(world, 'laptop')
  await expect(page.getByRole('heading', { name: CLOSED })).toBeVisible()
})

When('the agency releases the device', async ({ stage, world }) => {
  await stage.agency.call('POST', `/api/shares/${world.share?.id}/release-device`, {})
})

Then('the phone is refused', async ({ world }) => {
  const page = await windowOf(world, 'phone')
  await pressWatch(world, page)
  await expect(page.getByRole('heading', { name: CLOSED })).toBeVisible()
})

When('she asks for a copy', async ({ world }) => {
  const page = await windowOf(world, 'laptop')
  const saving = page.waitForEvent('download', { timeout: 60_000 })
  await page.getByRole('button', { name: 'Download' }).click()
  const download = await saving
  world.seen.set('copy', await download.path())
  world.seen.set('link', download.url())
})

Then('a video file is saved, and its link works no second time', async ({ world }) => {
  const copy = await readFile(world.seen.get('copy') ?? '')
  expect(copy.subarray(4, 8).toString()).toBe('ftyp')
  const page = await windowOf(world, 'laptop')
  expect((await page.request.get(world.seen.get('link') ?? '')).status()).toBe(403)
})
