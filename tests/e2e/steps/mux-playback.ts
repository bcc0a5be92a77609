import { expect, type Page } from '@playwright/test'
import { makeClip } from '../../support/clips.ts'
import { startMuxCloud } from '../../support/mux-cloud.ts'
import { answerForMux, type MuxStream } from '../../support/mux-stream.ts'
import type { PortalClient } from '../../support/portal-client.ts'
import { invite, signIn } from '../../support/portal-people.ts'
import { type NewShare, shareByLink } from '../../support/ready-video.ts'
import { startUpload, uploadEnds } from '../../support/send-upload.ts'
import { startStack } from '../../support/stack.ts'
import { blackAfter, seenSoFar, watchPlayer } from '../../support/watching.ts'
import { Given, Then, When, type World } from './fixtures.ts'

/** A portal of this feature's own: the stage's plays from the engine. */
type AtMux = { page: Page; agency: PortalClient; share: NewShare; stream: MuxStream }
const portals = new WeakMap<World, AtMux>()
const at = (world: World): AtMux => {
  const found = portals.get(world)
  if (!found) throw new Error('no portal at Mux was started')
  return found
}
type Loads = Window & { loads?: number }
type Player = HTMLVideoElement & { api: { config: object } | null }
const BUFFER_SECONDS = 6
/** More than a busy machine's hiccups, less than any wait for a new token. */
const STALL_MS = 3000

Given("a link for anyone to a video that lies at Mux's cloud", async ({ browser, world }) => {
  const mux = await startMuxCloud()
  world.atEnd.push(() => mux.stop())
  const { tokenId, tokenSecret, webhookSecret } = mux.credentials
  const stack = await startStack({
    env: {
      ...{ MUX_TOKEN_ID: tokenId, MUX_TOKEN_SECRET: tokenSecret, MUX_WEBHOOK_SECRET: webhookSecret },
      ...{ MUX_BASE_URL: mux.origin, PLAYBACK_TOKEN_TTL_SECONDS: '10', LOG_LEVEL: 'warn' },
    },
  })
  world.atEnd.push(() => stack.stop())
  const agency = await signIn(stack.url, await invite(await signIn(stack.url, stack.admin)))
  const place = await startUpload(agency, { name: 'clip.mp4', size: 1000 })
  await fetch(place.uploadUrl, { method: 'PUT', body: 'bytes' })
  const asset = [...mux.assets.values()][0]
  if (!asset) throw new Error('Mux made no asset of the upload')
  mux.finish(asset.id)
  const body = mux.event('video.asset.ready', asset)
  const headers = { 'content-type': 'application/json', 'mux-signature': mux.sign(body) }
  expect((await fetch(`${stack.url}/api/webhooks/mux`, { method: 'POST', headers, body })).status).toBe(200)
  await uploadEnds(agency, place.id, 'ready')

  const context = await browser.newContext({ locale: 'en-AU', viewport: { width: 1280, height: 800 } })
  world.atEnd.push(() => context.close())
  const stream = await answerForMux(
    context,
    await makeClip({ seconds: 90, width: 320, height: 180, rate: 10 }),
  )
  world.atEnd.push(() => stream.stop())
  const share = await shareByLink(agency, place.videoId)
  portals.set(world, { page: await context.newPage(), agency, share, stream })
})

When('somebody presses Watch on it', async ({ world }) => {
  const { page, share } = at(world)
  await page.goto(share.url)
  await page.getByRole('button', { name: 'Watch' }).click()
  // A small clip would be at hand as a whole under the first token.
  await page.waitForFunction((seconds) => {
    const config = document.querySelector<Player>('hls-video')?.api?.config
    if (config) Object.assign(config, { maxBufferLength: seconds, maxMaxBufferLength: seconds })
    return config !== undefined
  }, BUFFER_SECONDS)
})

Then(
  "the picture goes on past three of Mux's expiries without a stall, a reload or a refused request",
  async ({ world }) => {
    const { page, stream } = at(world)
    await watchPlayer(page)
    await page.locator('hls-video').evaluate((player) => {
      player.shadowRoot?.querySelector('video')?.addEventListener('loadstart', () => {
        const counted = window as Loads
        counted.loads = (counted.loads ?? 0) + 1
      })
    })
    const position = () => page.locator('hls-video').evaluate((video: HTMLVideoElement) => video.currentTime)
    await expect.poll(position, { timeout: 90_000 }).toBeGreaterThan(33)
    expect(await page.evaluate(() => (window as Loads).loads ?? 0)).toBe(0)
    expect((await seenSoFar(page)).longestStallMs).toBeLessThan(STALL_MS)
    expect(stream.refused).toBe(0)
    // It holds six seconds: what it plays after the third expiry it has asked for under newer tokens.
    expect(stream.sentBy.size).toBeGreaterThanOrEqual(3)
  },
)

When('the agency revokes that link at its portal', async ({ world }) => {
  const { agency, share } = at(world)
  world.seen.set('revokedAt', String(Date.now()))
  await agency.call('POST', `/api/shares/${share.id}/revoke`, { reason: 'no_longer_needed' })
})

Then('the picture from Mux is black within {int} second', async ({ world }, seconds: number) => {
  const { page } = at(world)
  const black = () => blackAfter(page, Number(world.seen.get('revokedAt')))
  await expect.poll(black, { intervals: [50] }).not.toBeNull()
  expect(await black()).toBeLessThanOrEqual(seconds * 1000)
})
