import { type Browser, expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { invite, signIn } from '../../support/portal-people.ts'
import { type Stack, startStack } from '../../support/stack.ts'
import { Given, Then, When, type World } from './fixtures.ts'

// Nothing is limited on the stage that other scenarios share: this one has a portal of its own, and windows on that.
type Portal = { stack: Stack; limited: Page; administrator: Page }
const portals = new WeakMap<World, Portal>()
const portalOf = (world: World) => {
  const portal = portals.get(world)
  if (!portal) throw new Error('no portal was started')
  return portal
}

async function openWindow(browser: Browser, world: World): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-AU', viewport: { width: 1280, height: 800 } })
  world.atEnd.push(() => context.close())
  return await context.newPage()
}

type Refusal = { status: number; help?: string; detail?: string }

/** An upload that is counted, and then not begun: it names no file. */
async function tryUpload(world: World): Promise<Refusal> {
  return await portalOf(world).limited.evaluate(async () => {
    const answer = await fetch('/api/uploads', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    return { ...(await answer.json()), status: answer.status }
  })
}

Given('a portal where an agency has used up its uploads of the day', async ({ browser, world }) => {
  const stack = await startStack({ env: { LOG_LEVEL: 'warn', STAFF_TOTP: 'off' } })
  world.atEnd.push(() => stack.stop())
  const admin = await signIn(stack.url, { ...stack.admin })
  const account = await invite(admin)
  const [limited, administrator] = [await openWindow(browser, world), await openWindow(browser, world)]
  portals.set(world, { stack, limited, administrator })
  await signInOnPage(limited, stack.url, account)
  for (let n = 0; n < 20; n += 1) expect((await tryUpload(world)).status).toBe(400)
  const refused = await tryUpload(world)
  expect(refused.status).toBe(429)
  world.seen.set('help', refused.help ?? '')
})

When('they open what the refusal names', async ({ world }) => {
  const { limited: page } = portalOf(world)
  await page.goto(world.seen.get('help') ?? '')
})

Then(
  'they read which limit it was, until when, that nothing is locked, and what is kept of it',
  async ({ world }) => {
    const { limited: page } = portalOf(world)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Too often: uploads')
    await expect(page.getByText(/It works again .+Nothing is locked/)).toBeVisible()
    await expect(page.getByText('Addresses themselves are not kept.')).toBeVisible()
  },
)

When('they ask for {int} uploads, because {string}', async ({ world }, quota: number, why: string) => {
  const { limited: page } = portalOf(world)
  await page.getByRole('button', { name: 'Ask for more…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Requests in the limit’s time').fill(String(quota))
  await dialog.getByLabel('Reason').fill(why)
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
  await expect(page.getByText('Asked. A second person decides')).toBeVisible()
})

Then('their uploads are still refused', async ({ world }) => {
  expect((await tryUpload(world)).status).toBe(429)
})

When('the administrator agrees to the higher limit', async ({ world }) => {
  const { stack, administrator: page } = portalOf(world)
  await signInOnPage(page, stack.url, stack.admin)
  await page.goto(`${stack.url}/admin/limits/requests`)
  const row = page.getByRole('listitem').filter({ hasText: 'Festival delivery' })
  await row.getByRole('button', { name: 'Agree' }).click()
  await expect(row).toContainText('Runs now')
})

Then('their uploads go through again, and the administrator sees until when', async ({ world }) => {
  await expect.poll(async () => (await tryUpload(world)).status, { timeout: 15_000 }).toBe(400)
  const { administrator: page } = portalOf(world)
  await expect(page.getByRole('listitem').filter({ hasText: 'Festival delivery' })).toContainText('until')
})
