import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import type { Account } from '../support/portal-people.ts'

const SLOW_BYTES_A_SECOND = 4_000_000
const DONE_MS = 180_000

/** Signs in on the page. */
export async function signInOnPage(page: Page, origin: string, { email, password }: Account): Promise<void> {
  await page.goto(`${origin}/`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Videos', level: 1 }).waitFor()
}

/** Uploads a file on the page over a slow line, reloads in the middle and goes on; gives where that was. */
export async function uploadThroughPage(
  page: Page,
  origin: string,
  account: Account,
  file: string,
): Promise<string> {
  await signInOnPage(page, origin, account)
  await slowDown(page, Math.min(SLOW_BYTES_A_SECOND, (await readFile(file)).length / 4))
  await page.getByLabel('Files to upload').setInputFiles(file)
  const row = page.getByRole('region', { name: 'Uploads' }).getByRole('listitem')
  const percent = async () => Number.parseInt((await row.getByText(/^\d+ %$/).textContent()) ?? '0', 10)
  await row.getByText(/^([2-8]\d) %$/).waitFor({ timeout: DONE_MS })
  const at = await percent()
  await page.reload()
  await row.getByText(/Interrupted/).waitFor()
  const chooser = page.waitForEvent('filechooser')
  await row.getByRole('button', { name: 'Continue' }).click()
  await (await chooser).setFiles(file)
  await slowDown(page, null)
  await row.getByText('Uploaded').waitFor({ timeout: DONE_MS })
  return `reloaded at ${at} %`
}

/** Limits the page's upload speed, in bytes a second; null for as fast as it goes. */
async function slowDown(page: Page, uploadThroughput: number | null): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: uploadThroughput ?? -1,
  })
}
