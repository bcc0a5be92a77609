import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import { receiptOfShare } from '../../support/own-receipt.ts'
import { signInOnPage } from '../../support/pages.ts'
import { Given, Then, When, type World } from './fixtures.ts'

const stranger = async (world: World) => (await world.window('stranger')).page

async function choose(page: Page, text: string): Promise<void> {
  const file = { name: 'event.tlog-proof', mimeType: 'text/plain', buffer: Buffer.from(text) }
  await page.getByLabel('Choose a receipt').setInputFiles(file)
}

Given('the agency has shared a video that anybody may watch', async ({ stage, world }) => {
  world.share = await stage.agency.call('POST', `/api/videos/${stage.videoId}/shares`, { access: 'link' })
  await receiptOfShare(stage.agency, world.share!.id)
})

When('the owner saves the receipt of that from the page of the link', async ({ stage, world }) => {
  const { page } = await world.window('owner')
  await signInOnPage(page, stage.stack.url, stage.account)
  await page.goto(`${stage.stack.url}/shares/${world.share?.id}`)
  await page.getByText('Everything that happened, with receipts').click()
  await page.getByRole('button', { name: 'proved' }).last().click()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the receipt' }).click()
  world.seen.set('receipt', await readFile(await (await saved).path(), 'utf8'))
})

When('a stranger checks that file without signing in', async ({ stage, world }) => {
  const page = await stranger(world)
  await page.goto(`${stage.stack.url}/verify`, { waitUntil: 'networkidle' })
  const sent: string[] = []
  page.on('request', (request) => sent.push(request.url()))
  await choose(page, world.seen.get('receipt')!)
  await expect(page.getByRole('status')).toContainText('this event stands in the log')
  world.seen.set('sent', sent.join('\n'))
})

Then(
  'the page says that the event is proved, what is not, and has sent nothing anywhere',
  async ({ world }) => {
    const status = (await stranger(world)).getByRole('status')
    await expect(status).toContainText(world.share!.id)
    await expect(status).toContainText('it follows the event schema')
    await expect(status).toContainText('this portal itself gave them')
    expect(world.seen.get('sent')).toBe('')
  },
)

When('the stranger checks a copy in which one letter is changed', async ({ world }) => {
  const [version, extra = '', ...rest] = world.seen.get('receipt')!.split('\n')
  const at = extra.length - 20
  const changed = `${extra.slice(0, at)}${extra[at] === 'A' ? 'B' : 'A'}${extra.slice(at + 1)}`
  await choose(await stranger(world), [version, changed, ...rest].join('\n'))
})

Then('the page says that it is not proved', async ({ world }) => {
  const status = (await stranger(world)).getByRole('status')
  await expect(status.getByRole('heading', { name: 'Not proved' })).toBeVisible()
  await expect(status).toContainText('the entry is not where the receipt says')
})
