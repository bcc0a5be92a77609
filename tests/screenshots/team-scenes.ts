import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import type { Furnished } from './furnish.ts'
import { heading, press, type Scene } from './scene.ts'

export function team(portal: Furnished): Scene[] {
  const video = `/videos/${portal.videoId}`
  return [
    { name: 'videos', as: 'agency', path: '/videos', act: (page) => page.getByText('Interrupted').waitFor() },
    { name: 'videos-empty', as: 'newcomer', path: '/videos' },
    { name: 'videos-uploading', as: 'newcomer', path: '/videos', act: beginSlowUpload, after: cancelUpload },
    { name: 'videos-offline', as: 'newcomer', path: '/videos', act: loseConnection, after: cancelUpload },
    { name: 'uploads', as: 'agency', path: '/uploads', act: openTimelines },
    { name: 'uploads-empty', as: 'newcomer', path: '/uploads' },
    { name: 'uploads-none-failed', as: 'newcomer', path: '/uploads?state=failed' },
    { name: 'uploads-sending', as: 'newcomer', path: '/uploads', act: beginSlowUpload, after: cancelUpload },
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
    { name: 'fresh-proof', as: 'agency', path: '/account/keys', act: (page) => makeKeyLater(page) },
    {
      name: 'fresh-proof-all',
      as: 'agency',
      path: '/account/keys',
      async act(page) {
        await page.route('**/api/account', async (route) => {
          const answer = await route.fetch()
          const factors = { totpSince: new Date().toISOString(), passkeys: [{}] }
          await route.fulfill({ response: answer, json: { ...(await answer.json()), ...factors } })
        })
        await makeKeyLater(page)
        await page.route('**/confirm-identity', (route) => route.fulfill({ json: { right: false } }))
        await page.getByLabel('Your password').fill('not the password')
        await page.getByLabel(/^Code from your/).fill('419308')
        await press('Go on')(page)
        await page.getByText('This is not right.').waitFor()
      },
      after: (page) => page.unrouteAll(),
    },
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
    {
      name: 'share-history',
      as: 'agency',
      path: `/shares/${portal.manifoldId}`,
      act: openHistory,
    },
    {
      name: 'video-history',
      as: 'agency',
      path: `/videos/${portal.videoId}`,
      act: openHistory,
    },
    {
      name: 'account-history',
      as: 'agency',
      path: '/account',
      act: openHistory,
    },
    { name: 'share-scheduled', as: 'agency', path: `/shares/${portal.scheduledId}` },
    {
      name: 'share-revoke-later',
      as: 'agency',
      path: `/shares/${portal.invitedId}`,
      async act(page) {
        await press('Revoke…')(page)
        await page.getByLabel('When').selectOption('later')
        await page.getByLabel('Revoke at').fill('2031-03-01T17:00')
      },
    },
    {
      name: 'share-note',
      as: 'agency',
      path: `/shares/${portal.invitedId}`,
      async act(page) {
        await press('Add a note')(page)
        await page.getByRole('checkbox', { name: /Keep which/ }).scrollIntoViewIfNeeded()
      },
    },
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

/** As it is a quarter of an hour after the last proof of identity: the portal's answer is a stand-in's. */
async function makeKeyLater(page: Page): Promise<void> {
  await page.route('**/api/account/keys', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: '/problems/reauthenticate', status: 403 }),
        })
      : route.continue(),
  )
  await press('Make a key')(page)
  await page.getByLabel('Name').fill('Backup')
  await page.getByLabel('Scopes').fill('video.list')
  await press('Make the key')(page)
  await heading(page, 'Is it you?')
}

async function openHistory(page: Page): Promise<void> {
  const history = page.locator('details').filter({ hasText: 'Everything that happened, with receipts' })
  await history.locator('summary').click()
  await history.getByRole('listitem').first().waitFor()
  await history.evaluate((element) => element.scrollIntoView({ block: 'start' }))
}

async function openTimelines(page: Page): Promise<void> {
  const all = page.getByRole('list', { name: 'All uploads' })
  await all.waitFor()
  for (const summary of (await all.locator('summary').all()).slice(0, 2)) await summary.click()
}

async function playerIsThere(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('hls-video')?.readyState ?? 0) >= 2,
  )
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
