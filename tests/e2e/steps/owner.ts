import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { shareByLink } from '../../support/ready-video.ts'
import { watchPlayer } from '../../support/watching.ts'
import { Given, type Stage, stranger, Then, When, type World } from './fixtures.ts'

const owner = async (world: World) => (await world.window('owner')).page
const viewer = async (world: World) => (await world.window('viewer')).page
type Share = { expiresAt: string; note: string | null; scheduledReason: string | null }
const read = (stage: Stage, world: World) => stage.agency.call<Share>('GET', `/api/shares/${world.share?.id}`)

async function openLinkPage(stage: Stage, world: World): Promise<Page> {
  const page = await owner(world)
  await signInOnPage(page, stage.stack.url, stage.account)
  await page.goto(`${stage.stack.url}/shares/${world.share?.id}`)
  await expect(page.getByRole('heading', { name: 'Note to the viewer' })).toBeVisible()
  return page
}

Given('an agency looks at a link of theirs for {string}', async ({ stage, world }, address: string) => {
  world.share = await stage.agency.call('POST', `/api/videos/${stage.videoId}/shares`, {
    access: 'email',
    allow: [address],
    expiresAt: new Date(Date.now() + 2 * 86_400_000).toISOString(),
  })
  await openLinkPage(stage, world)
  world.seen.set('end', (await read(stage, world)).expiresAt)
})

When('they revoke it at a set time because {string}', async ({ world }, reason: string) => {
  const page = await owner(world)
  await page.getByRole('button', { name: 'Revoke…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('When').selectOption('at a set time')
  // Noon of tomorrow in the browser's own zone, as the field takes it.
  const at = await page.evaluate(() => {
    const day = new Date(Date.now() + 86_400_000)
    const two = (value: number) => String(value).padStart(2, '0')
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T12:00`
  })
  await dialog.getByLabel('Revoke at').fill(at)
  await dialog.getByLabel('Reason').selectOption(reason)
  await dialog.getByRole('button', { name: 'Schedule the revoke' }).click()
  await expect(dialog.getByRole('status')).toContainText('The link is revoked')
  await dialog.getByRole('button', { name: 'Done' }).click()
})

Then('the page says that the link is revoked then, and the link still opens', async ({ stage, world }) => {
  const page = await owner(world)
  await expect(page.getByRole('region', { name: 'Scheduled revoke' })).toContainText('The content changed')
  expect(await read(stage, world)).toMatchObject({ scheduledReason: 'content_changed' })
  expect((await read(stage, world)).expiresAt).not.toBe(world.seen.get('end'))
  expect((await stranger(stage).send('GET', `/api/share/${world.share?.token}`)).status).toBe(200)
})

When('they cancel the revoke', async ({ world }) => {
  const page = await owner(world)
  await page.getByRole('button', { name: 'Cancel the revoke' }).click()
  await expect(page.getByRole('region', { name: 'Scheduled revoke' })).toHaveCount(0)
})

Then('the link ends when it did before', async ({ stage, world }) => {
  expect(await read(stage, world)).toMatchObject({
    scheduledReason: null,
    expiresAt: world.seen.get('end'),
  })
})

When('they write the note {string}', async ({ stage, world }, note: string) => {
  const page = await owner(world)
  await page.getByRole('button', { name: 'Add a note' }).click()
  await page.getByRole('textbox', { name: 'Note' }).fill(note)
  await page.getByRole('button', { name: 'Save the note' }).click()
  await expect(page.getByText(note)).toBeVisible()
  await expect.poll(async () => (await read(stage, world)).note).toBe(note)
})

When('they remind {string}', async ({ world }, address: string) => {
  const page = await owner(world)
  await page.getByRole('button', { name: `Remind ${address}` }).click()
  await page.getByRole('button', { name: 'Send the reminder' }).click()
  await expect(page.getByRole('button', { name: `Remind ${address}` })).toBeDisabled()
})

When('they let the link live three days longer', async ({ world }) => {
  const page = await owner(world)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Extend…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Ends').selectOption('three days later')
  await dialog.getByRole('button', { name: 'Extend', exact: true }).click()
  await expect(dialog).toContainText('It works until')
  await dialog.getByRole('button', { name: 'Done' }).click()
})

Then('{string} has a mail, and the link says so', async ({ stage, world }, address: string) => {
  const page = await owner(world)
  await expect(page.getByText(/^reminded/)).toBeVisible()
  const wanted = Date.parse(world.seen.get('end') ?? '') + 3 * 86_400_000
  expect(Date.parse((await read(stage, world)).expiresAt)).toBe(wanted)
  const mails = () => stage.admin.call<{ items: { to: string }[] }>('GET', '/api/admin/outbox')
  await expect.poll(async () => (await mails()).items.map(({ to }) => to)).toContain(address)
})

Given('a link for anyone, which a viewer watches for a while', async ({ stage, world }) => {
  world.share = await shareByLink(stage.agency, stage.videoId)
  const page = await viewer(world)
  await page.goto(`${stage.stack.url}/s/${world.share.token}`)
  const told = page.waitForResponse((answer) => answer.url().endsWith('/progress') && answer.ok())
  await page.getByRole('button', { name: 'Watch' }).click()
  await watchPlayer(page)
  // A pause tells what was played until then.
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('hls-video')?.currentTime ?? 0) > 2,
  )
  await page.keyboard.press('k')
  expect(await (await told).json()).toEqual({ kept: true })
})

When('its owner opens the page of the link', async ({ stage, world }) => {
  await openLinkPage(stage, world)
})

Then('the strip shows that part of the video was seen', async ({ world }) => {
  const page = await owner(world)
  await expect(page.getByRole('heading', { name: 'Watched by 1 person' })).toBeVisible()
  const seen = page.getByRole('row').filter({ hasText: /\d+ %/ })
  await expect(seen.first()).toBeVisible()
  expect(Number(/(\d+) %/.exec(await seen.first().innerText())?.[1])).toBeGreaterThan(0)
})

When('the viewer comes back to the link', async ({ world }) => {
  const page = await viewer(world)
  // The video waits, so that what stands before it can be looked at.
  await page.route('**/*.m3u8*', (route) =>
    setTimeout(() => route.continue().catch(() => {}), 60_000).unref(),
  )
  await page.reload()
})

Then("the video's picture is there before the video", async ({ world }) => {
  const page = await viewer(world)
  await page.waitForFunction(() =>
    [...document.images].some((image) => image.complete && image.naturalWidth > 0),
  )
  const state = await page.evaluate(
    () => document.querySelector<HTMLVideoElement>('hls-video')?.readyState ?? 0,
  )
  expect(state).toBe(0)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})
