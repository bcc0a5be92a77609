import type { CDPSession, Page } from '@playwright/test'
import type { PortalClient } from './portal-client.ts'
import { type Account, mailedCode } from './portal-people.ts'

/** Signs in on the page and waits for the team's videos. */
export async function signInOnPage(page: Page, origin: string, { email, password }: Account): Promise<void> {
  await page.goto(`${origin}/`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Videos', level: 1 }).waitFor()
}

/** Gives a window the session of somebody who signed in already, where signing in is not what is looked at. */
export async function lendSession(page: Page, { origin, cookies }: PortalClient): Promise<void> {
  // `__Host-` may be set for an https address alone; it is sent to this machine all the same.
  const url = origin.replace('http:', 'https:')
  const lent = cookies()
    .split('; ')
    .map((line) => /^([^=]+)=(.*)$/.exec(line)?.slice(1) ?? [])
    .map(([name = '', value = '']) => ({ name, value, url, secure: true, httpOnly: true }))
  await page.context().addCookies(lent)
}

/** From a link by verified e-mail to the press of Watch, as a person would; the code comes from the outbox. */
export async function passGate(page: Page, admin: PortalClient, url: string, address: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('E-mail').fill(address)
  await page.getByRole('button', { name: 'Send the code' }).click()
  await page.getByRole('heading', { name: 'Check your e-mail' }).waitFor()
  await page.getByLabel('Six-digit code').fill(await mailedCode(admin, address))
  await page.getByRole('button', { name: 'Watch' }).click()
}

/** The row of the one upload under way. */
export function uploadRow(page: Page) {
  return page.getByRole('region', { name: 'Uploads' }).getByRole('listitem')
}

// Conditions belong to the session that set them: two sessions of one page would contradict each other.
const sessions = new WeakMap<Page, Promise<CDPSession>>()

/** Limits the page's upload speed, in bytes a second; null for as fast as it goes. */
export async function shapeLine(page: Page, uploadThroughput: number | null): Promise<void> {
  const session = sessions.get(page) ?? page.context().newCDPSession(page)
  sessions.set(page, session)
  await (await session).send('Network.enable')
  await (await session).send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: uploadThroughput ?? -1,
  })
}
