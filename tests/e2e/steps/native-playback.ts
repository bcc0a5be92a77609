import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import { makeClip } from '../../support/clips.ts'
import { ladderComplete, shareByLink } from '../../support/ready-video.ts'
import { sendRest, startUpload, uploadEnds } from '../../support/send-upload.ts'
import { watchPlayer } from '../../support/watching.ts'
import { Given, Then, When, type World } from './fixtures.ts'

const viewerPage = async (world: World): Promise<Page> => (await world.window('viewer')).page

type Loads = Window & { loads?: number }
const position = (page: Page) =>
  page.locator('hls-video').evaluate((video: HTMLVideoElement) => video.currentTime)
const waitFor = async (page: Page, seconds: number) =>
  await expect.poll(() => position(page), { timeout: 90_000 }).toBeGreaterThan(seconds)

Given('a link for anyone to a video that is longer than four tokens live', async ({ stage, world }) => {
  const file = await readFile(await makeClip({ seconds: 90, width: 320, height: 180, rate: 10 }))
  const { id, videoId, uploadUrl } = await startUpload(stage.agency, { name: 'long.mp4', size: file.length })
  await sendRest(uploadUrl, file)
  await uploadEnds(stage.agency, id, 'ready')
  await ladderComplete(stage.agency, videoId)
  world.share = await shareByLink(stage.agency, videoId)
})

Given("the viewer's browser leaves HLS to itself", async ({ world }) => {
  const page = await viewerPage(world)
  // Without Media Source Extensions, as on older iPhones, hls.js cannot run.
  await page.addInitScript(() => {
    Object.assign(window, { MediaSource: undefined, ManagedMediaSource: undefined })
  })
})

Then('the picture moves, played by the browser itself', async ({ world }) => {
  const page = await viewerPage(world)
  await watchPlayer(page)
  const source = await page.locator('hls-video').evaluate((player: HTMLVideoElement & { api?: unknown }) => {
    const video = player.shadowRoot?.querySelector('video')
    video?.addEventListener('loadstart', () => {
      const counted = window as Loads
      counted.loads = (counted.loads ?? 0) + 1
    })
    return { engine: player.api ?? null, url: video?.currentSrc ?? '' }
  })
  expect(source.engine).toBeNull()
  expect(new URL(source.url).pathname).toMatch(/\.m3u8$/)
})

Then('it goes on past two token expiries without being loaded again', async ({ world }) => {
  const page = await viewerPage(world)
  await waitFor(page, 22)
  expect(await page.evaluate(() => (window as Loads).loads ?? 0)).toBe(0)
})

When('the line is dead until the token has ended', async ({ stage, world }) => {
  const page = await viewerPage(world)
  stage.relay.cut()
  // The last token was taken before the cut and lives ten seconds; what is at hand plays on meanwhile.
  const began = await page.evaluate(() => performance.now())
  await page.waitForFunction((from) => performance.now() - from > 11_000, began, { timeout: 60_000 })
  world.seen.set('position', String(await position(page)))
  stage.relay.mend()
})

Then('the picture goes on from where it stood', async ({ world }) => {
  const page = await viewerPage(world)
  const stood = Number(world.seen.get('position'))
  await waitFor(page, stood + 4)
  expect(stood).toBeGreaterThan(20)
})
