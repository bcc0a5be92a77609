import type { Page } from '@playwright/test'
import type { Furnished } from './furnish.ts'
import { press, type Scene } from './scene.ts'

async function choose(page: Page, receipt: string, words: string): Promise<void> {
  const file = { name: 'share-made.tlog-proof', mimeType: 'text/plain', buffer: Buffer.from(receipt) }
  await page.getByLabel('Choose a receipt').setInputFiles(file)
  await page.getByRole('status').getByText(words).waitFor()
}

export function frontDoor(portal: Furnished, within: (url: string) => string): Scene[] {
  return [
    { name: 'sign-in', as: 'nobody', path: '/' },
    {
      name: 'sign-in-refused',
      as: 'nobody',
      path: '/',
      async act(page) {
        await page.getByLabel('E-mail').fill('ana@harbour.example')
        await page.getByLabel('Password').fill('not the password')
        await press('Sign in')(page)
        await page.getByText('do not belong together').waitFor()
      },
    },
    { name: 'sign-in-code', as: 'nobody', path: '/', act: press('Mail me a code') },
    { name: 'forgot-password', as: 'nobody', path: '/forgot-password' },
    { name: 'join', as: 'nobody', path: within(portal.invitationUrl) },
    { name: 'privacy', as: 'nobody', path: '/privacy' },
    { name: 'privacy-browser', as: 'nobody', path: '/privacy#browser' },
    { name: 'privacy-ask', as: 'agency', path: '/privacy#ask' },
    {
      name: 'privacy-unfolded',
      as: 'nobody',
      path: '/privacy',
      act: (page) => page.locator('summary').nth(1).click(),
    },
    { name: 'verify', as: 'nobody', path: '/verify' },
    {
      name: 'verify-proved',
      as: 'nobody',
      path: '/verify',
      act: (page) => choose(page, portal.receipt, 'this event stands in the log'),
    },
    {
      name: 'verify-not-proved',
      as: 'nobody',
      path: '/verify',
      act: (page) => choose(page, portal.receipt.replace('index ', 'index 1'), 'Not proved'),
    },
    { name: 'not-found', as: 'nobody', path: '/nowhere' },
  ]
}
