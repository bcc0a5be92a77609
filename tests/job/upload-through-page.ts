import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { shapeLine, signInOnPage, uploadRow } from '../support/pages.ts'
import type { Account } from '../support/portal-people.ts'

const SLOW_BYTES_A_SECOND = 4_000_000
const DONE_MS = 180_000

/** Uploads a file on the page over a slow line, reloads in the middle and goes on; gives where that was. */
export async function uploadThroughPage(
  page: Page,
  origin: string,
  account: Account,
  file: string,
): Promise<string> {
  await signInOnPage(page, origin, account)
  await shapeLine(page, Math.min(SLOW_BYTES_A_SECOND, (await readFile(file)).length / 4))
  await page.getByLabel('Files to upload').setInputFiles(file)
  const row = uploadRow(page)
  const percent = async () => Number.parseInt((await row.getByText(/^\d+ %$/).textContent()) ?? '0', 10)
  await row.getByText(/^([2-8]\d) %$/).waitFor({ timeout: DONE_MS })
  const at = await percent()
  await page.reload()
  await row.getByText(/Interrupted/).waitFor()
  const chooser = page.waitForEvent('filechooser')
  await row.getByRole('button', { name: 'Continue' }).click()
  await (await chooser).setFiles(file)
  await shapeLine(page, null)
  await row.getByText('Uploaded').waitFor({ timeout: DONE_MS })
  return `reloaded at ${at} %`
}
