import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import type { Furnished } from './furnish.ts'

/** One page in one state: who looks, where, and what they do before the picture is taken. */
export type Scene = {
  name: string
  as: 'nobody' | 'agency' | 'newcomer' | 'careful' | 'admin'
  path: string
  act?: (page: Page) => Promise<void>
  /** undoes what would show in later scenes */
  after?: (page: Page) => Promise<void>
}

/** Every page and state of the portal. */
export function scenesOf(portal: Furnished, origin: string): Scene[] {
  const within = (url: string) => url.slice(origin.length)
  return [...frontDoor(portal, within), ...team(portal), ...staff(portal), ...viewer(portal, within)]
}

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click()
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).first().waitFor()

function frontDoor(portal: Furnished, within: (url: string) => string): Scene[] {
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
    { name: 'not-found', as: 'nobody', path: '/nowhere' },
  ]
}

function team(portal: Furnished): Scene[] {
  const video = `/videos/${portal.videoId}`
  return [
    { name: 'videos', as: 'agency', path: '/videos', act: (page) => page.getByText('Interrupted').waitFor() },
    { name: 'videos-empty', as: 'newcomer', path: '/videos' },
    { name: 'videos-uploading', as: 'newcomer', path: '/videos', act: beginSlowUpload, after: cancelUpload },
    { name: 'videos-offline', as: 'newcomer', path: '/videos', act: loseConnection, after: cancelUpload },
    { name: 'video', as: 'agency', path: video, act: playerIsThere },
    { name: 'video-title', as: 'agency', path: video, act: press('Change the title') },
    { name: 'video-share', as: 'agency', path: video, act: press('Share…') },
    { name: 'video-share-conditions', as: 'agency', path: video, act: openConditions },
    { name: 'video-share-asks', as: 'agency', path: video, act: askForMore },
    { name: 'video-share-made', as: 'agency', path: video, act: makeLink },
    { name: 'video-revoke', as: 'agency', path: video, act: press(/^Revoke the link/) },
    { name: 'video-delete', as: 'agency', path: video, act: press('Delete…') },
    { name: 'video-failed', as: 'agency', path: `/videos/${portal.failedId}` },
    { name: 'account', as: 'agency', path: '/account' },
    { name: 'account-security', as: 'agency', path: '/account/security' },
    { name: 'account-totp', as: 'agency', path: '/account/security', act: press('Set up…') },
    { name: 'account-keys', as: 'agency', path: '/account/keys' },
    { name: 'account-keys-make', as: 'agency', path: '/account/keys', act: press('Make a key') },
    {
      name: 'second-factor',
      as: 'careful',
      path: '/second-factor',
      act: (page) => page.getByLabel('Code from your authenticator app').waitFor(),
    },
    { name: 'shares', as: 'agency', path: '/shares' },
    { name: 'shares-revoked', as: 'agency', path: '/shares?status=revoked' },
    { name: 'shares-empty', as: 'newcomer', path: '/shares' },
    {
      name: 'share-watched',
      as: 'agency',
      path: `/shares/${portal.invitedId}`,
      act: (page) => heading(page, /Watched by|Who watched/),
    },
    { name: 'share-nobody', as: 'agency', path: `/shares/${portal.manifoldId}`, act: press(/^Remind jo/) },
    { name: 'share-extend', as: 'agency', path: `/shares/${portal.manifoldId}`, act: press('Extend…') },
    {
      name: 'share-error',
      as: 'agency',
      path: `/shares/${portal.manifoldId}`,
      async act(page) {
        await page.route('**/viewing', (route) => route.abort())
        await page.reload()
        await heading(page, 'This did not load')
      },
      after: (page) => page.unrouteAll(),
    },
    { name: 'notifications', as: 'agency', path: '/account/notifications' },
    { name: 'unsubscribe', as: 'nobody', path: '/unsubscribe#token' },
  ]
}

function staff(portal: Furnished): Scene[] {
  return [
    { name: 'admin-shares', as: 'admin', path: '/admin/shares' },
    {
      name: 'admin-share',
      as: 'admin',
      path: '/admin/shares?sort=expires',
      async act(page) {
        await page
          .getByRole('button', { name: /Session 14/ })
          .first()
          .click()
        await page.getByText('Share created').waitFor()
      },
    },
    {
      name: 'admin-share-approval',
      as: 'admin',
      path: `/admin/shares?share=${portal.askedId}`,
      act: (page) => page.getByLabel('Your reason').waitFor(),
    },
    {
      name: 'admin-share-explained',
      as: 'admin',
      path: `/admin/shares?share=${portal.manifoldId}`,
      async act(page) {
        await page.getByLabel('What if this address came?').fill('intern@tidal.example')
        await press('Ask')(page)
        await page.getByText('on the list of those who may not').waitFor()
      },
    },
    {
      name: 'admin-shares-chosen',
      as: 'admin',
      path: '/admin/shares?ended=all&sort=views',
      act: press('Choose this page'),
    },
    {
      name: 'admin-shares-bulk',
      as: 'admin',
      path: '/admin/shares?status=active',
      async act(page) {
        await press('Choose this page')(page)
        await press('Emergency…')(page)
        await page.getByText('live links end').waitFor()
      },
    },
    {
      name: 'admin-shares-views',
      as: 'admin',
      path: '/admin/shares?status=active&sort=expires',
      act: press('Save this view…'),
    },
    { name: 'admin-shares-none', as: 'admin', path: '/admin/shares?status=expired&q=hurdles' },
    { name: 'approvals', as: 'admin', path: '/admin/approvals' },
    { name: 'time-to-black', as: 'admin', path: '/admin/revocation' },
    { name: 'people', as: 'admin', path: '/admin/users' },
    { name: 'people-invite', as: 'admin', path: '/admin/users', act: press('Invite a person') },
    { name: 'people-person', as: 'admin', path: '/admin/users', act: press(/^Ana Duarte/) },
    {
      name: 'people-deactivate',
      as: 'admin',
      path: '/admin/users',
      async act(page) {
        await press(/^Ana Duarte/)(page)
        await press('Deactivate…')(page)
      },
    },
    {
      name: 'people-reset',
      as: 'admin',
      path: '/admin/users',
      async act(page) {
        await press(/^Ana Duarte/)(page)
        await press('Reset the second factor…')(page)
      },
    },
    { name: 'people-former', as: 'admin', path: '/admin/users', act: press(/^Former Editor/) },
    { name: 'people-invitation', as: 'admin', path: '/admin/users', act: press(/^coach@/) },
    { name: 'people-organisation', as: 'admin', path: '/admin/users', act: press('New organisation') },
    { name: 'staff', as: 'admin', path: '/admin/staff' },
    { name: 'staff-grant', as: 'admin', path: '/admin/staff', act: press(/^Grant a group to/) },
    { name: 'emergency', as: 'admin', path: '/admin/emergency' },
    { name: 'emergency-ask', as: 'admin', path: '/admin/emergency', act: press('Ask for access') },
    {
      name: 'outbox',
      as: 'admin',
      path: '/admin/outbox',
      async act(page) {
        await page.locator('summary').first().click()
      },
    },
    { name: 'keys', as: 'admin', path: '/admin/keys' },
    { name: 'limits', as: 'admin', path: '/admin/limits' },
    { name: 'keys-replace', as: 'admin', path: '/admin/keys', act: press('Replace the key…') },
    { name: 'audit', as: 'admin', path: '/admin/audit' },
    {
      name: 'audit-receipt',
      as: 'admin',
      path: `/admin/audit?about=${portal.videoId}`,
      async act(page) {
        await page.locator('[data-row]').last().click()
        await page.getByRole('dialog').getByRole('button', { name: 'proved' }).click()
        await page.getByRole('button', { name: 'Save the receipt' }).waitFor()
      },
    },
  ]
}

function viewer({ links }: Furnished, within: (url: string) => string): Scene[] {
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

async function playerIsThere(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('hls-video')?.readyState ?? 0) >= 2,
  )
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

async function openConditions(page: Page): Promise<void> {
  await press('Share…')(page)
  await page.getByText('More conditions').click()
  await page.getByLabel('They must agree to').fill('You do not record it or pass it on before 1 March.')
  await page.getByRole('checkbox', { name: /Watermark/ }).check()
}

async function askForMore(page: Page): Promise<void> {
  await press('Share…')(page)
  await page.getByLabel('Ends').selectOption({ label: 'in 30 days' })
  await press('Make the link')(page)
  await page.getByLabel('Why it should').waitFor()
}

async function makeLink(page: Page): Promise<void> {
  await press('Share…')(page)
  await page.getByLabel('Only these addresses').fill('jo@northside.example')
  await press('Make the link')(page)
  await page.getByLabel('Share link').waitFor()
}

async function beginSlowUpload(page: Page): Promise<void> {
  const line = await page.context().newCDPSession(page)
  const rate = 1_500_000
  await line.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 20,
    downloadThroughput: rate,
    uploadThroughput: rate,
  })
  const file = {
    name: 'relay-handover-cam2.mov',
    mimeType: 'video/quicktime',
    buffer: randomBytes(24_000_000),
  }
  await page.getByLabel('Files to upload').first().setInputFiles(file)
  await page.getByText(/ left$/).waitFor()
}

async function loseConnection(page: Page): Promise<void> {
  await beginSlowUpload(page)
  await page.context().setOffline(true)
  await page.getByText('You are offline').waitFor()
}

async function cancelUpload(page: Page): Promise<void> {
  await page.context().setOffline(false)
  const answered = page.waitForResponse(/\/cancel$/)
  await page.getByRole('button', { name: /^Cancel relay/ }).click()
  await answered
}
