import { expect } from '@playwright/test'
import { passGate, signInOnPage } from '../../support/pages.ts'
import { mailedCode } from '../../support/portal-people.ts'
import { type NewShare, watchLink } from '../../support/ready-video.ts'
import { blackAfter, seenSoFar, watchPlayer } from '../../support/watching.ts'
import { Given, type Stage, stranger, Then, When, type World } from './fixtures.ts'

async function makeShare(stage: Stage, options: object): Promise<NewShare> {
  return await stage.agency.call<NewShare>('POST', `/api/videos/${stage.videoId}/shares`, options)
}

function shareOf(world: World): NewShare {
  if (!world.share) throw new Error('no link was made')
  return world.share
}

let serial = 0
const newAddress = () => `viewer${++serial}@example.com`

Given('the agency shares the video by verified e-mail on its page', async ({ stage, world }) => {
  const { page } = await world.window('agency')
  await signInOnPage(page, stage.stack.url, stage.account)
  await page.goto(`${stage.stack.url}/videos/${stage.videoId}`)
  await page.getByRole('button', { name: 'Share…' }).click()
  await page.getByRole('radio', { name: /Verified e-mail/ }).check()
  await page.getByRole('button', { name: 'Make the link' }).click()
  const url = await page.getByRole('textbox', { name: 'Share link' }).inputValue()
  await page.getByRole('button', { name: 'Done' }).click()
  const { items } = await stage.agency.call<{ items: { id: string }[] }>('GET', '/api/shares?limit=1')
  world.share = { id: items[0]?.id ?? '', token: url.split('/').at(-1) ?? '', url }
})

Given('a link by verified e-mail', async ({ stage, world }) => {
  world.share = await makeShare(stage, { access: 'email' })
})

Given('a link for anyone with one view', async ({ stage, world }) => {
  world.share = await makeShare(stage, { access: 'link', maxViews: 1 })
})

Given('a link for anyone with the password {string}', async ({ stage, world }, password: string) => {
  world.share = await makeShare(stage, { access: 'link', password })
})

When(
  'the viewer opens the link in a private window and proves an address by the mailed code',
  async ({ stage, world }) => {
    const { page } = await world.window('viewer')
    await passGate(page, stage.admin, shareOf(world).url, newAddress())
  },
)

Then('the picture moves', async ({ world }) => {
  const { page } = await world.window('viewer')
  await watchPlayer(page)
})

Then('the picture goes on moving past two token expiries', async ({ stage, world }) => {
  const { page } = await world.window('viewer')
  const share = () =>
    stage.agency.call<{ viewers: { renewals: number }[] }>('GET', `/api/shares/${shareOf(world).id}`)
  // Renewals come at 60 % of a token's life: the fourth is asked for after two tokens have ended.
  await expect
    .poll(async () => (await share()).viewers[0]?.renewals, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(4)
  const { stalls, longestStallMs, playedSeconds } = await seenSoFar(page)
  expect(stalls, `longest standstill ${longestStallMs} ms`).toBe(0)
  expect(playedSeconds).toBeGreaterThan(15)
})

When('the agency revokes the link on its page', async ({ world }) => {
  const { page } = await world.window('agency')
  await page.reload()
  await page.getByRole('button', { name: `Revoke the link ${shareOf(world).id}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').selectOption('no_longer_needed')
  const sent = page.waitForRequest((request) => request.url().endsWith('/revoke'))
  await dialog.getByRole('button', { name: /^Revoke/ }).click()
  await sent
  world.seen.set('revokedAt', String(Date.now()))
})

Then("the viewer's picture is black within {int} second", async ({ world }, seconds: number) => {
  const { page } = await world.window('viewer')
  const black = () => blackAfter(page, Number(world.seen.get('revokedAt')))
  await expect.poll(black, { intervals: [50] }).not.toBeNull()
  expect(await black()).toBeLessThanOrEqual(seconds * 1000)
})

Then('the viewer reads {string}', async ({ world }, words: string) => {
  const { page } = await world.window('viewer')
  await expect(page.getByText(words)).toBeVisible()
})

Then('the second viewer reads {string}', async ({ world }, words: string) => {
  const { page } = await world.window('second viewer')
  await expect(page.getByText(words)).toBeVisible()
})

Then('nobody can open that link any more', async ({ stage, world }) => {
  const { token, url } = shareOf(world)
  expect((await stranger(stage).send('POST', `/api/share/${token}`)).status).toBe(403)
  const { page } = await world.window('second viewer')
  await page.goto(url)
  await expect(page.getByText('This link does not open.')).toBeVisible()
})

When('the viewer opens the link {int} times', async ({ stage, world }, times: number) => {
  const { page } = await world.window('viewer')
  for (let n = 0; n < times; n += 1) {
    await page.goto(shareOf(world).url)
    await expect(page.getByRole('button', { name: 'Watch' })).toBeVisible()
  }
  const { viewsUsed } = await stage.agency.call<{ viewsUsed: number }>(
    'GET',
    `/api/shares/${shareOf(world).id}`,
  )
  expect(viewsUsed).toBe(0)
})

When('the viewer presses Watch', async ({ world }) => {
  const { page } = await world.window('viewer')
  await page.getByRole('button', { name: 'Watch' }).click()
})

When('a second viewer opens the link', async ({ world }) => {
  const { page } = await world.window('second viewer')
  await page.goto(shareOf(world).url)
})

Then('a used-up, an unknown and a revoked link give one answer and one page', async ({ stage, world }) => {
  const usedUp = await makeShare(stage, { access: 'link', maxViews: 1 })
  await watchLink(stage.stack.url, usedUp.token)
  const revoked = await makeShare(stage, { access: 'link' })
  await stage.agency.call('POST', `/api/shares/${revoked.id}/revoke`, { reason: 'other' })
  const unknown = 'A'.repeat(43)
  const answers = new Set<string>()
  const pages = new Set<string>()
  const { page } = await world.window('viewer')
  for (const token of [usedUp.token, revoked.token, unknown]) {
    for (const method of ['GET', 'POST']) {
      const answer = await stranger(stage).send(method, `/api/share/${token}`)
      const body = (await answer.json()) as { instance?: string }
      // The one part that differs between any two answers: the request's own number.
      answers.add(JSON.stringify({ status: answer.status, ...body, instance: typeof body.instance }))
    }
    await page.goto(`${stage.stack.url}/s/${token}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByText('This link does not open.')).toBeVisible()
    pages.add(await page.getByRole('main').innerText())
  }
  expect([...answers]).toHaveLength(1)
  expect([...answers][0]).toContain('"status":403')
  expect([...pages]).toHaveLength(1)
})

When('the viewer opens the link and enters a wrong code', async ({ stage, world }) => {
  const { page } = await world.window('viewer')
  const address = newAddress()
  await page.goto(shareOf(world).url)
  await page.getByLabel('E-mail').fill(address)
  await page.getByRole('button', { name: 'Send the code' }).click()
  const right = await mailedCode(stage.admin, address)
  const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0')
  await page.getByLabel('Six-digit code').fill(wrong)
  await page.getByRole('button', { name: 'Watch' }).click()
})

When('the viewer opens the link and enters the password {string}', async ({ world }, password: string) => {
  const { page } = await world.window('viewer')
  await page.goto(shareOf(world).url)
  await enterPassword(page, password)
})

When('the viewer enters the password {string}', async ({ world }, password: string) => {
  await enterPassword((await world.window('viewer')).page, password)
})

async function enterPassword(page: import('@playwright/test').Page, password: string): Promise<void> {
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Watch' }).click()
}

When('the viewer passes the gate with the keyboard alone', async ({ stage, world }) => {
  const { page } = await world.window('viewer')
  const address = newAddress()
  await page.goto(shareOf(world).url)
  await expect(page.getByLabel('E-mail')).toBeFocused()
  await page.keyboard.type(address)
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Six-digit code')).toBeFocused()
  await page.keyboard.type(await mailedCode(stage.admin, address))
  await page.keyboard.press('Enter')
})

Then('the space bar pauses it', async ({ world }) => {
  const { page } = await world.window('viewer')
  await page.keyboard.press('Space')
  await page.waitForFunction(() => document.querySelector<HTMLVideoElement>('hls-video')?.paused === true)
})
