import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'

/** Chromium as the system has it, quiet towards the outside. */
export const CHROMIUM = {
  headless: true,
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--autoplay-policy=no-user-gesture-required',
  ],
}

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch(CHROMIUM)
}

/** A page in a browser profile of its own, as a private window is, and what must not happen in it. */
export type PrivateWindow = {
  context: BrowserContext
  page: Page
  /** Requests to another host than the portal's. */
  foreign: string[]
  /** Violations of the content security policy, and errors that nobody caught. */
  faults: string[]
}

export async function privateWindow(browser: Browser, origin: string): Promise<PrivateWindow> {
  const context = await browser.newContext({ locale: 'en-AU', viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  return { context, page, ...watchPage(page, origin) }
}

/** Writes down what a page must not do. */
export function watchPage(page: Page, origin: string): Pick<PrivateWindow, 'foreign' | 'faults'> {
  const foreign: string[] = []
  const faults: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (/^(data|blob):/.test(url) || new URL(url).origin === origin) return
    foreign.push(url)
  })
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/i.test(message.text())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  return { foreign, faults }
}
