import type { Browser, Page } from '@playwright/test'
import { privateWindow } from '../support/browser.ts'
import { partsOf, readMaster } from '../support/hls-reader.ts'
import { passGate } from '../support/pages.ts'
import type { PortalClient } from '../support/portal-client.ts'
import type { NewShare } from '../support/ready-video.ts'
import { until } from '../support/until.ts'
import { seenSoFar, watchPlayer } from '../support/watching.ts'
import type { Steps } from './steps.ts'
import type { Target } from './target.ts'

const BLACK_BAR_MS = 1000
const EXPIRIES = 2
const ADDRESS = 'viewer@example.com'

type Scene = {
  browser: Browser
  target: Target
  admin: PortalClient
  agency: PortalClient
  share: NewShare
  steps: Steps
}

/** A viewer in a private window proves an address, watches past token expiries, and is stopped by a revoke. */
export async function watchAndRevoke({ browser, target, admin, agency, share, steps }: Scene): Promise<void> {
  const { step, measured } = steps
  const window = await privateWindow(browser, target.url)
  const { page } = window
  try {
    const issued = issuedTokens(page, share)
    await step('a viewer proves the address by code in a private window', () =>
      passGate(page, admin, share.url, ADDRESS),
    )
    await step('the picture moves', () => watchPlayer(page))
    await step(
      `watch past ${EXPIRIES} token expiries without a stall`,
      () => watchPast(page, issued),
      ({ playedSeconds, longestStallMs }) =>
        `${playedSeconds.toFixed(1)} s played, ${issued.length} tokens, longest standstill ${longestStallMs} ms`,
    )
    const times = await step('the owner revokes the link', () => revoke(page, agency, share, issued))
    measured(
      'revoke to black in the page',
      times.blackMs,
      times.blackMs <= BLACK_BAR_MS,
      `bar ${BLACK_BAR_MS} ms`,
    )
    measured(
      'revoke to the first refused segment',
      times.refusedMs,
      times.nextRefused,
      `answered after ${times.answeredMs} ms; the next segment was ${times.nextRefused ? 'refused' : 'STILL SERVED'}`,
    )
    await step('the page says why, and the link is dead for others', () => mustBeOver(page, target, share))
    await step('no request to another host, no violation of the policy', async () => {
      if (window.foreign.length) throw new Error(window.foreign.join(', '))
      if (window.faults.length) throw new Error(window.faults.join(' | '))
    })
  } finally {
    await window.context.close()
  }
}

type Issued = { playbackUrl: string; expiresAt: string }

/** Every playback token that the page is given, as it comes. */
function issuedTokens(page: Page, share: NewShare): Issued[] {
  const issued: Issued[] = []
  page.on('response', async (answer) => {
    const isIssue = answer.url().endsWith(`/api/share/${share.token}`) && answer.request().method() === 'POST'
    if (isIssue && answer.ok()) issued.push((await answer.json()) as Issued)
  })
  return issued
}

/** The token that the page began with, and then the one after it, have ended; the picture has not stood still. */
async function watchPast(page: Page, issued: Issued[]) {
  const expired = () => issued.filter(({ expiresAt }) => Date.parse(expiresAt) + 500 < Date.now()).length
  const longest = (Date.parse(issued[0]?.expiresAt ?? '') - Date.now()) * (EXPIRIES + 2) + 30_000
  await until(`${EXPIRIES} tokens have expired`, () => expired() >= EXPIRIES, longest, 100)
  const seen = await seenSoFar(page)
  if (seen.stalls > 0) throw new Error(`${seen.stalls} stalls, the longest of ${seen.longestStallMs} ms`)
  if (seen.playedSeconds < 1) throw new Error(`only ${seen.playedSeconds} s were played`)
  return seen
}

/** Asks for a segment again and again under the viewer's own session, while the owner revokes. */
async function revoke(page: Page, agency: PortalClient, share: NewShare, issued: Issued[]) {
  const cookies = await page.context().cookies()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const master = await readMaster(issued.at(-1)?.playbackUrl ?? '', cookie)
  const rendition = master.video[0]?.url ?? master.audio[0] ?? ''
  const segment = (await partsOf(rendition)).at(-1) ?? ''
  const status = async () => {
    const answer = await fetch(segment)
    await answer.arrayBuffer()
    return answer.status
  }
  if ((await status()) !== 200) throw new Error('the segment was refused before the revoke')

  const began = Date.now()
  const refused = until('a segment is refused', async () => (await status()) === 403 && Date.now(), 5000, 5)
  const black = until('the page goes black', async () => (await seenSoFar(page)).blackAt, 10_000, 20)
  await agency.call('POST', `/api/shares/${share.id}/revoke`, { reason: 'no_longer_needed' })
  const answeredMs = Date.now() - began
  const nextRefused = (await status()) === 403
  const [refusedAt, blackAt] = await Promise.all([refused, black])
  return { blackMs: blackAt - began, refusedMs: refusedAt - began, answeredMs, nextRefused }
}

async function mustBeOver(page: Page, target: Target, share: NewShare): Promise<void> {
  await page.getByRole('heading', { name: 'The owner stopped sharing this video.' }).waitFor()
  const answer = await fetch(`${target.url}/api/share/${share.token}`)
  if (answer.status !== 403) throw new Error(`the dead link answers ${answer.status}`)
}
