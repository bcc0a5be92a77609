import type { Page, Route } from '@playwright/test'
import { signIn } from '../support/portal-people.ts'
import type { Furnished } from './furnish.ts'
import { heading, press, type Scene } from './scene.ts'

const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString()

/** What people see of limits, of measures against abuse, and of a budget that is used up. */
export function limited(portal: Furnished, within: (url: string) => string): Scene[] {
  const { budget, normal } = budgetOf(portal)
  const until = encodeURIComponent(inHours(3))
  const gate = within(portal.links.password)
  return [
    { name: 'limited', as: 'nobody', path: `/limits?limit=playback&until=${until}` },
    { name: 'limited-unnamed', as: 'nobody', path: '/limits' },
    { name: 'limited-abuse', as: 'nobody', path: `/limits?limit=abuse&until=${until}` },
    { name: 'limited-member', as: 'agency', path: `/limits?limit=upload&until=${until}` },
    {
      name: 'limited-ask',
      as: 'agency',
      path: `/limits?limit=playback&until=${until}`,
      act: press('Ask for more…'),
    },
    { name: 'upload-limited', as: 'agency', path: '/uploads', act: uploadTooOften, after: unroute },
    { name: 'upload-waited', as: 'agency', path: '/uploads', act: reloadWhileWaiting, after: cancelWaiting },
    { name: 'sign-in-limited', as: 'nobody', path: '/', act: signInTooOften },
    { name: 'viewer-gate-limited', as: 'nobody', path: gate, act: guessTooOften, after: unroute },
    { name: 'viewer-limited', as: 'nobody', path: gate, act: openTooOften, after: unroute },
    { name: 'budget-warning', as: 'agency', path: '/videos', act: budget('warning'), after: normal },
    { name: 'budget-exhausted', as: 'agency', path: '/videos', act: budget('exhausted'), after: normal },
    {
      name: 'budget-no-links',
      as: 'agency',
      path: `/videos/${portal.videoId}`,
      async act(page) {
        await budget('exhausted')(page)
        await press('Share…')(page)
        await press('Make the link')(page)
        await page.getByText('no new links are made for now').waitFor()
      },
      after: normal,
    },
  ]
}

function budgetOf({ admin }: Furnished) {
  async function set(page: Page, level: 'normal' | 'warning' | 'exhausted'): Promise<void> {
    const client = await signIn(new URL(page.url()).origin, admin)
    const body = { level, until: inHours(60), reason: 'As measured by the cost monitoring.' }
    await client.call('POST', '/api/admin/limits/budget', body)
  }
  return {
    budget: (level: 'warning' | 'exhausted') => async (page: Page) => {
      await set(page, level)
      await page.reload()
      await page.getByRole('status').filter({ hasText: 'budget' }).waitFor()
      // A reload keeps what stood at the top of the window there, below what has come.
      await page.evaluate(() => scrollTo(0, 0))
    },
    normal: (page: Page) => set(page, 'normal'),
  }
}

const unroute = (page: Page) => page.unrouteAll()

/** The portal's own answers, given by a stand-in: what is limited for one picture would be so for the next. */
const tooOften = (detail: string) => (route: Route) =>
  route.fulfill({
    status: 429,
    contentType: 'application/problem+json',
    headers: { 'retry-after': '540' },
    body: JSON.stringify({ type: '/problems/abuse', title: 'Too many requests', status: 429, detail }),
  })
const REFUSED =
  'Something like an attack comes from where you are, so this is refused for now. It works again in 9 minutes, or from another network. Nothing of yours is locked.'
const QUOTA = 'That was too often: this takes at most 30 in 5 minutes. It works again in 9 minutes.'

async function uploadTooOften(page: Page): Promise<void> {
  const answer = {
    ...{ title: 'Too many requests', status: 429, detail: QUOTA, limit: '20 in a day' },
    help: `${new URL(page.url()).origin}/limits?limit=upload&until=${encodeURIComponent(inHours(1.2))}`,
  }
  await page.route('**/api/uploads', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 429,
          contentType: 'application/problem+json',
          headers: { 'retry-after': '4320' },
          body: JSON.stringify(answer),
        })
      : route.fallback(),
  )
  const file = (name: string) => ({ name, mimeType: 'video/mp4', buffer: Buffer.alloc(2_000_000, 1) })
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([file('harbour-cut-4.mp4'), file('harbour-cut-5.mp4')])
  await page.getByText('Goes on by itself').first().waitFor()
}

/** The browser gives the files back to nobody: the page names them. */
async function reloadWhileWaiting(page: Page): Promise<void> {
  await uploadTooOften(page)
  page.once('dialog', (dialog) => dialog.accept())
  await page.reload()
  await page.getByText('has not begun').nth(1).waitFor()
  await page.getByText('it begins by itself').first().waitFor()
}

async function cancelWaiting(page: Page): Promise<void> {
  await unroute(page)
  for (const name of ['harbour-cut-4.mp4', 'harbour-cut-5.mp4'])
    await page.getByRole('button', { name: `Cancel ${name}` }).click()
  await page.getByText('has not begun').waitFor({ state: 'hidden' })
}

async function signInTooOften(page: Page): Promise<void> {
  await page.route('**/api/auth/sign-in/email', tooOften(REFUSED))
  await page.getByLabel('E-mail').fill('ana@harbour.example')
  await page.getByLabel('Password').fill('correct horse battery')
  await press('Sign in')(page)
  await page.getByText('It works again').waitFor()
  await page.unrouteAll()
}

async function guessTooOften(page: Page): Promise<void> {
  await page.route('**/api/share/*/verify', tooOften(QUOTA))
  await page.getByLabel('Password').fill('north side')
  await press('Watch')(page)
  await page.getByText('It works again').waitFor()
}

async function openTooOften(page: Page): Promise<void> {
  await page.route('**/api/share/*', tooOften(QUOTA))
  await page.reload()
  await heading(page, 'Not just now.')
}
