import { expect } from '@playwright/test'
import { putDeadLetters } from '../../support/dead-letters.ts'
import { signInOnPage } from '../../support/pages.ts'
import { Given, Then, When, type World } from './fixtures.ts'

const staffPage = async (world: World) => (await world.window('staff')).page

Given('two events about a video that failed because the video service did not answer', async ({ stage }) => {
  const letter = { cause: 'provider_unavailable' as const, error: 'No answer.', videoId: stage.videoId }
  await putDeadLetters(stage.stack, [
    { ...letter, type: 'video.asset.updated' },
    { ...letter, type: 'video.asset.ready' },
  ])
})

Given('an event that failed of a fault in the portal', async ({ stage, world }) => {
  const [id = ''] = await putDeadLetters(stage.stack, [
    { type: 'video.asset.errored', cause: 'unexpected', error: 'Cannot read properties of undefined' },
  ])
  world.seen.set('letter', id)
})

Given('a webhook that somebody forged', async ({ stage }) => {
  const answer = await fetch(`${stage.stack.url}/api/webhooks/mux`, {
    method: 'POST',
    headers: { 'mux-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` },
    body: '{"id":"forged","type":"video.asset.deleted"}',
  })
  expect(answer.status).toBe(401)
})

When('staff open the page Webhooks', async ({ stage, world }) => {
  const page = await staffPage(world)
  await signInOnPage(page, stage.stack.url, stage.stack.admin)
  await page.goto(`${stage.stack.url}/admin/webhooks`)
  await expect(page.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible()
})

Then('they see 2 letters under {string}', async ({ world }, cause: string) => {
  const page = await staffPage(world)
  await expect(page.getByRole('listitem').filter({ hasText: cause })).toContainText('2 letters')
})

When('they ask to replay these, and are told what would be done', async ({ world }) => {
  const page = await staffPage(world)
  const card = page.getByRole('listitem').filter({ hasText: 'The video service didn’t answer' })
  await card.getByRole('button', { name: 'Replay these…' }).click()
  await expect(page.getByRole('dialog')).toContainText('2 dead letters')
})

When('agree to it', async ({ world }) => {
  const page = await staffPage(world)
  await page.getByRole('dialog').getByRole('button', { name: 'Replay', exact: true }).click()
})

Then('both are applied, and no dead letter of that cause is left', async ({ world }) => {
  const page = await staffPage(world)
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('2 of 2 letters applied')
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText('The video service didn’t answer')).toHaveCount(0)
})

Then('the forged one is counted under Refused', async ({ world }) => {
  const refused = (await staffPage(world)).getByRole('region', { name: 'Refused' })
  await expect(
    refused.getByRole('listitem').filter({ hasText: 'Signature doesn’t hold' }).first(),
  ).toContainText(/\d/)
})

When('they discard the event, because {string}', async ({ world }, why: string) => {
  const page = await staffPage(world)
  await page.getByRole('navigation', { name: 'Events by state' }).getByText('Dead letters').click()
  await page.getByRole('button', { name: /^video\.asset\.errored/ }).click()
  const drawer = page.getByRole('dialog', { name: 'Webhook' })
  await expect(drawer.getByRole('region', { name: 'Tries' }).getByRole('listitem')).toHaveCount(5)
  await drawer.getByLabel('Why it may be given up').fill(why)
  await drawer.getByRole('button', { name: 'Discard for good' }).click()
  await expect(drawer).toBeHidden()
  world.seen.set('why', why)
})

Then('it stands among the discarded ones, with the reason', async ({ world }) => {
  const page = await staffPage(world)
  await page.getByRole('navigation', { name: 'Events by state' }).getByText('Discarded').click()
  await page.getByRole('button', { name: /^video\.asset\.errored/ }).click()
  await expect(page.getByRole('dialog', { name: 'Webhook' })).toContainText(
    `Discarded: ${world.seen.get('why')}`,
  )
})
