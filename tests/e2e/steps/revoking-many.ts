import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { createClient, type PortalClient } from '../../support/portal-client.ts'
import { invite, signIn } from '../../support/portal-people.ts'
import { shareByLink } from '../../support/ready-video.ts'
import { watchPlayer } from '../../support/watching.ts'
import { Given, type Stage, Then, When, type World } from './fixtures.ts'

/** Signed in beside the first administrator, who is of every group and decides. */
async function asker({ admin }: Stage): Promise<PortalClient> {
  return await signIn(admin.origin, await invite(admin, { role: 'admin', organisation: 'Staff' }))
}

async function approvals(stage: Stage, world: World): Promise<Page> {
  const { page } = await world.window('administrator')
  if (page.url() === 'about:blank') await signInOnPage(page, stage.stack.url, stage.stack.admin)
  await page.goto(`${stage.stack.url}/admin/approvals`)
  return page
}

const both = (world: World) => [world.share?.token ?? '', world.seen.get('other') ?? '']

Given('a link that somebody watches, and another to the same video', async ({ stage, world }) => {
  world.share = await shareByLink(stage.agency, stage.videoId)
  const other = await shareByLink(stage.agency, stage.videoId)
  world.seen.set('other', other.token)
  world.seen.set('otherId', other.id)
  const { page } = await world.window('viewer')
  await page.goto(world.share.url)
  await page.getByRole('button', { name: 'Watch' }).click()
  await watchPlayer(page)
})

When('an administrator asks to revoke all links of that video', async ({ stage }) => {
  const answer = await (await asker(stage)).send('POST', '/api/admin/share-tokens/revoke', {
    videoId: stage.videoId,
    reason: 'content_changed',
  })
  expect(answer.status).toBe(202)
})

Then(
  "the other administrator's page Approvals says that live links wait, and the picture still moves",
  async ({ stage, world }) => {
    const page = await approvals(stage, world)
    await expect(page.getByRole('article', { name: /^All links of/ })).toContainText(/live links/)
    const viewer = (await world.window('viewer')).page
    const time = () =>
      viewer.evaluate(() => document.querySelector<HTMLVideoElement>('hls-video')?.currentTime ?? -1)
    const before = await time()
    await expect.poll(time).not.toBe(before)
    expect(before).toBeGreaterThanOrEqual(0)
  },
)

When('the other administrator approves it, because {string}', async ({ world }, why: string) => {
  const { page } = await world.window('administrator')
  const card = page.getByRole('article', { name: /^All links of/ })
  await card.getByLabel('Your reason').fill(why)
  const sent = page.waitForRequest((request) => request.url().endsWith('/approve'))
  await card.getByRole('button', { name: 'Approve and revoke' }).click()
  await sent
  world.seen.set('revokedAt', String(Date.now()))
})

When('an administrator revokes both in an emergency', async ({ stage, world }) => {
  const staff = await asker(stage)
  world.seen.set('revokedAt', String(Date.now()))
  const done = await staff.call<{ shares: number; review: string }>(
    'POST',
    '/api/admin/share-tokens/revoke',
    {
      ids: [world.share?.id, world.seen.get('otherId')],
      reason: 'security',
      emergency: true,
    },
  )
  expect(done).toMatchObject({ shares: 2, players: 1, confirmed: true, review: 'open' })
})

Then('neither of the links opens any more', async ({ stage, world }) => {
  // Links that are watched end first, the others in the next moment.
  for (const token of both(world)) {
    const status = async () => (await createClient(stage.stack.url).send('GET', `/api/share/${token}`)).status
    await expect.poll(status).toBe(403)
  }
})

When('the other administrator confirms on the page Approvals that it was right', async ({ stage, world }) => {
  const page = await approvals(stage, world)
  const card = page.getByRole('article', { name: 'A list of links' }).filter({ hasText: 'Emergency' })
  await expect(card).toContainText('Ended 2 links and stopped 1 open player')
  await card.getByLabel('Your reason').fill('It was a leak.')
  await card.getByRole('button', { name: 'It was right' }).click()
})

Then('nothing waits there any more', async ({ world }) => {
  const { page } = await world.window('administrator')
  await expect(
    page.getByRole('article', { name: 'A list of links' }).filter({ hasText: 'Emergency' }),
  ).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Decided' })).toContainText('emergency, confirmed by')
})
