import { expect, type Page } from '@playwright/test'
import { authenticatorCode } from '../../support/authenticator.ts'
import { signInOnPage } from '../../support/pages.ts'
import { Given, newAgency, Then, When } from './fixtures.ts'

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
}

Given("somebody's device has a lock that it opens for them", async ({ world }) => {
  const { page } = await world.window('somebody')
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
})

Given('somebody has an account and looks at its security', async ({ stage, world }) => {
  const { page } = await world.window('somebody')
  const { account } = await newAgency(stage)
  world.account = account
  await signInOnPage(page, stage.stack.url, account)
  await page.getByTitle('Your account').click()
  await page.getByRole('link', { name: 'Security' }).click()
  await page.getByRole('heading', { name: 'Sessions' }).waitFor()
})

When('they add a passkey named {string}', async ({ world }, name: string) => {
  const { page } = await world.window('somebody')
  await page.getByRole('button', { name: 'Add a passkey…' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: name })).toBeVisible()
})

When('they sign out and come back with the passkey', async ({ world }) => {
  const { page } = await world.window('somebody')
  await signOut(page)
  // The device offers its passkey by itself where the browser has such suggestions; else one asks for it.
  const button = page.getByRole('button', { name: 'Use a passkey' })
  const inside = page.getByRole('heading', { name: 'Videos', level: 1 })
  await button.or(inside).first().waitFor()
  await button.click({ timeout: 5000 }).catch(() => {})
})

Then('they see their videos', async ({ world }) => {
  const { page } = await world.window('somebody')
  await expect(page.getByRole('heading', { name: 'Videos', level: 1 })).toBeVisible()
})

When('they set up an authenticator app and keep the recovery codes', async ({ world }) => {
  const { page } = await world.window('somebody')
  await page.getByRole('button', { name: 'Set up…' }).click()
  const secret = await page.getByLabel('Key to type in').inputValue()
  await page.getByLabel('Code from the app').fill(authenticatorCode(secret, new Date()))
  await page.getByRole('button', { name: 'Confirm' }).click()
  const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
  await expect(codes).toHaveCount(10)
  world.seen.set('recovery', (await codes.first().textContent()) ?? '')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await expect(page.getByText('10 recovery codes left')).toBeVisible()
})

When('they sign out and sign in with their password', async ({ world }) => {
  const { page } = await world.window('somebody')
  await signOut(page)
  await page.getByLabel('E-mail').fill(world.account?.email ?? '')
  await page.getByLabel('Password').fill(world.account?.password ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
})

Then('they are asked for a code, and a recovery code lets them in once', async ({ world }) => {
  const { page } = await world.window('somebody')
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  const recover = async () => {
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(world.seen.get('recovery') ?? '')
    await page.getByRole('button', { name: 'Go on' }).click()
  }
  await recover()
  await page.getByRole('heading', { name: 'Videos', level: 1 }).waitFor()
  await signOut(page)
  await page.getByLabel('E-mail').fill(world.account?.email ?? '')
  await page.getByLabel('Password').fill(world.account?.password ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await recover()
  await expect(page.getByText('was used before')).toBeVisible()
})
