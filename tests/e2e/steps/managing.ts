import { expect, type Page } from '@playwright/test'
import { signInOnPage } from '../../support/pages.ts'
import { shareByLink } from '../../support/ready-video.ts'
import { Given, Then, When, type World } from './fixtures.ts'

const administrator = async (world: World) => (await world.window('administrator')).page

/** Presses Tab until this has the focus; the page ends somewhere. */
async function tabTo(page: Page, selector: string, key = 'Tab'): Promise<void> {
  for (let n = 0; n < 120; n += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
    await page.keyboard.press(key)
  }
  throw new Error(`${selector} is not reached by ${key}`)
}

Given('two links of an agency', async ({ stage, world }) => {
  for (const name of ['one', 'two']) world.seen.set(name, (await shareByLink(stage.agency, stage.videoId)).id)
  await signInOnPage(await administrator(world), stage.stack.url, stage.stack.admin)
})

When(
  'the administrator lists the active links and saves that as {string}, to be shown first',
  async ({ stage, world }, name: string) => {
    const page = await administrator(world)
    await page.goto(`${stage.stack.url}/admin/shares?status=active`)
    await page.getByRole('button', { name: 'Save this view…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Saved views' })
    await dialog.getByLabel('Name of this view').fill(name)
    await dialog.getByLabel('Show it first when I open the list').check()
    await dialog.getByRole('button', { name: 'Save the view' }).click()
    await expect(page.getByRole('navigation', { name: 'Saved views' })).toContainText(name)
  },
)

Then('the list opens with {string} from then on', async ({ stage, world }, name: string) => {
  const page = await administrator(world)
  await page.goto(`${stage.stack.url}/admin/shares`)
  await expect(page).toHaveURL(/status=active/)
  const views = page.getByRole('navigation', { name: 'Saved views' })
  await expect(views.getByRole('link', { name })).toHaveAttribute('aria-current', 'true')
  // The next scenario's list is to open as it does for everybody.
  await page.getByRole('button', { name: 'Save or delete views…' }).click()
  await page.getByRole('button', { name: `Delete the view ${name}` }).click()
  await expect(views.getByRole('link', { name })).toHaveCount(0)
})

When(
  'the administrator searches for both links by keyboard and chooses them with space',
  async ({ stage, world }) => {
    const page = await administrator(world)
    await page.goto(`${stage.stack.url}/admin/shares`)
    for (const [place, name] of ['one', 'two'].entries()) {
      await expect(page.getByRole('button', { name: world.seen.get(name) ?? '' })).toBeVisible()
      if (place > 0) continue
      // The list is there before the page's scripts are.
      await expect(async () => {
        await page.keyboard.press('/')
        await expect(page.getByRole('searchbox')).toBeFocused({ timeout: 500 })
      }).toPass()
    }
    await tabTo(page, '[data-row]')
    // The newest two stand on top.
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await expect(page.getByRole('region', { name: 'Chosen links' })).toContainText('2 links chosen')
    for (const name of ['one', 'two'])
      await expect(page.getByLabel(`Choose the link ${world.seen.get(name)}`)).toBeChecked()
  },
)

When('asks for their revoke by keyboard because of {string}', async ({ world }, reason: string) => {
  const page = await administrator(world)
  await tabTo(page, '[aria-label="Chosen links"] button:nth-of-type(3)', 'Shift+Tab')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 chosen links?' })
  await expect(dialog).toContainText('2 live links end')
  await tabTo(page, 'dialog select')
  await page.keyboard.type(reason)
  await tabTo(page, 'dialog [type=submit]')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('status')).toContainText('a second person decides')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})

Then('a second person has to decide, and both links still live', async ({ stage, world }) => {
  for (const name of ['one', 'two']) {
    const share = await stage.admin.call<{ status: string }>(
      'GET',
      `/api/admin/share-tokens/${world.seen.get(name)}`,
    )
    expect(share.status).toBe('active')
  }
})
