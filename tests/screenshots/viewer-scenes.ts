import type { Page } from '@playwright/test'
import type { Furnished } from './furnish.ts'
import { heading, press, type Scene } from './scene.ts'

export function viewer({ links }: Furnished, within: (url: string) => string): Scene[] {
  const path = (url: string) => within(url)
  return [
    {
      name: 'viewer-email',
      as: 'nobody',
      path: path(links.email),
      act: (page) => page.getByLabel('E-mail').waitFor(),
    },
    {
      name: 'viewer-code',
      as: 'nobody',
      path: path(links.email),
      async act(page) {
        await page.getByLabel('E-mail').fill('jo@northside.example')
        await press('Send the code')(page)
        await page.getByLabel('Six-digit code').fill('419')
      },
    },
    {
      name: 'viewer-password',
      as: 'nobody',
      path: path(links.password),
      act: (page) => page.getByLabel('Password').waitFor(),
    },
    {
      name: 'viewer-account',
      as: 'nobody',
      path: path(links.account),
      act: (page) => page.getByLabel('E-mail').waitFor(),
    },
    {
      name: 'viewer-account-sso',
      as: 'nobody',
      path: path(links.account),
      // As it is where an OpenID provider is configured.
      async act(page) {
        await page.route('**/api/share/*', async (route) => {
          if (route.request().method() !== 'GET') return await route.continue()
          const answer = await route.fetch()
          const signIn = { path: '/api/auth/oidc/start', name: 'Northside ID', only: false, form: true }
          await route.fulfill({ response: answer, json: { ...(await answer.json()), signIn } })
        })
        await page.reload()
        await page.getByRole('link', { name: 'Continue with Northside ID' }).waitFor()
      },
      after: (page) => page.unrouteAll(),
    },
    {
      name: 'viewer-agreement',
      as: 'nobody',
      path: path(links.agreement),
      act: (page) => heading(page, 'Before you watch'),
    },
    {
      name: 'viewer-later',
      as: 'nobody',
      path: path(links.later),
      act: (page) => heading(page, 'Not open yet'),
    },
    {
      name: 'viewer-watermark',
      as: 'nobody',
      path: path(links.agreement),
      async act(page) {
        await press(/I agree/)(page).catch(() => {})
        await startWatching(page)
      },
    },
    {
      name: 'viewer-watch',
      as: 'nobody',
      path: path(links.anyone),
      act: (page) => heading(page, 'A private video for you'),
    },
    { name: 'viewer-playing', as: 'nobody', path: path(links.anyone), act: startWatching },
    {
      name: 'viewer-chapters',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await startWatching(page)
        await page.getByRole('button', { name: 'Chapters' }).click()
        await page.getByRole('menuitemradio').last().waitFor()
      },
    },
    {
      name: 'viewer-keys',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await startWatching(page)
        await page.keyboard.press('?')
        await heading(page, 'Keys')
      },
    },
    {
      name: 'viewer-recorded',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await startWatching(page)
        await press('What is recorded about you')(page)
        await page.getByText('Your view began').waitFor()
      },
    },
    {
      name: 'viewer-history',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await startWatching(page)
        await press('What is recorded about you')(page)
        await page.getByText('Everything that happened, with receipts').click()
        await page.getByText('Playback started').waitFor()
      },
    },
    {
      name: 'viewer-objects',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await startWatching(page)
        await press('What is recorded about you')(page)
        await press('Object…')(page)
        await page.getByRole('button', { name: 'Object and erase' }).scrollIntoViewIfNeeded()
      },
    },
    {
      name: 'viewer-offline',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await startWatching(page)
        await page.context().setOffline(true)
        await page.getByText('No connection.').waitFor()
      },
      after: (page) => page.context().setOffline(false),
    },
    {
      name: 'viewer-preparing',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await page.route('**/api/share/*', async (route) => {
          if (route.request().method() === 'POST')
            return await route.fulfill({ status: 409, contentType: 'application/problem+json', body: '{}' })
          const answer = await route.fetch()
          await route.fulfill({
            response: answer,
            json: { ...(await answer.json()), watching: false, preparing: { percent: 41 } },
          })
        })
        await page.reload()
        await press('Watch')(page)
        await page.getByRole('progressbar').waitFor()
      },
      after: (page) => page.unrouteAll(),
    },
    { name: 'viewer-stopped', as: 'nobody', path: path(links.anyone), act: beStopped },
    {
      name: 'viewer-refused',
      as: 'nobody',
      path: path(links.revoked),
      act: (page) => heading(page, 'This link does not open.'),
    },
    {
      name: 'viewer-unreachable',
      as: 'nobody',
      path: path(links.anyone),
      async act(page) {
        await page.route('**/api/share/**', (route) => route.abort())
        await page.reload()
        await heading(page, 'No connection to the portal.')
      },
      after: (page) => page.unrouteAll(),
    },
  ]
}

async function startWatching(page: Page): Promise<void> {
  // A browser that has begun to watch goes on by itself.
  await Promise.race([
    press('Watch')(page).catch(() => {}),
    page.locator('hls-video').waitFor({ state: 'attached' }),
  ])
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('hls-video')?.currentTime ?? 0) > 1,
  )
  await page.keyboard.press('k')
}

/** The server's word that the view must stop, given by a stand-in, so that the link lives on for other pictures. */
async function beStopped(page: Page): Promise<void> {
  await page.route('**/api/share/*/events', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: 'event: stopped\ndata: {"reason":"revoked"}\n\n',
    }),
  )
  await press('Watch')(page)
  await heading(page, 'The owner stopped sharing this video.')
  await page.unrouteAll()
}
