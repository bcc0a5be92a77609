import type { Furnished } from './furnish.ts'
import { press, type Scene } from './scene.ts'

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
    { name: 'limited', as: 'nobody', path: '/limits?limit=playback&until=2026-12-01T09:00:00Z' },
    { name: 'not-found', as: 'nobody', path: '/nowhere' },
  ]
}
