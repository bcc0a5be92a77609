import type { Page } from '@playwright/test'
import { test as base, createBdd } from 'playwright-bdd'
import { watchPage } from '../../support/browser.ts'
import { makeClip } from '../../support/clips.ts'
import { createClient, type PortalClient } from '../../support/portal-client.ts'
import { type Account, invite, signIn } from '../../support/portal-people.ts'
import { type NewShare, setScene } from '../../support/ready-video.ts'
import { type Relay, startRelay } from '../../support/relay.ts'
import { type Stack, startStack } from '../../support/stack.ts'

/** Short, so that a viewer outlives several in a test. */
const TOKEN_SECONDS = '10'

/** What all scenarios of a worker share: one portal, an agency, and a video of theirs that plays. */
export type Stage = {
  /** As browsers reach it: through the relay. */
  stack: Pick<Stack, 'url' | 'admin' | 'dataDir'>
  relay: Relay
  admin: PortalClient
  agency: PortalClient
  account: Account
  videoId: string
  clip: string
}

/** Somebody's browser window: a profile of its own, and what must not happen in it. */
export type Window = { page: Page; foreign: string[]; faults: string[] }

/** What one scenario remembers. */
export type World = {
  /** The window of a person, opened at the first mention. */
  window(who: string): Promise<Window>
  share: NewShare | null
  account: Account | null
  /** Texts that later steps compare. */
  seen: Map<string, string>
  /** What a scenario started for itself; run when it is over. */
  atEnd: (() => Promise<void>)[]
}

export const test = base.extend<{ world: World }, { stage: Stage }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from a pattern
    async ({}, use) => {
      const relay = await startRelay()
      const stack = await startStack({
        env: {
          PUBLIC_URL: relay.origin,
          PLAYBACK_TOKEN_TTL_SECONDS: TOKEN_SECONDS,
          RATE_LIMIT_ENFORCED: 'false',
          LOG_LEVEL: 'warn',
        },
      })
      relay.leadTo(stack.port)
      const seen = { url: relay.origin, admin: stack.admin, dataDir: stack.dataDir }
      try {
        const clip = { seconds: 8, width: 640, height: 360 }
        const scene = await setScene(seen, clip, { complete: true })
        const { admin, agency, videoId, account } = scene
        await use({ stack: seen, relay, admin, agency, account, videoId, clip: await makeClip(clip) })
      } finally {
        await stack.stop()
        await relay.stop()
      }
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  world: async ({ browser, stage }, use) => {
    const windows = new Map<string, Promise<Window>>()
    const atEnd: World['atEnd'] = []
    const open = async (): Promise<Window> => {
      const context = await browser.newContext({ locale: 'en-AU', viewport: { width: 1280, height: 800 } })
      const page = await context.newPage()
      return { page, ...watchPage(page, stage.stack.url) }
    }
    await use({
      window: async (who) => {
        const known = windows.get(who) ?? open()
        windows.set(who, known)
        return await known
      },
      share: null,
      account: null,
      seen: new Map(),
      atEnd,
    })
    stage.relay.mend()
    stage.relay.slowDown(null)
    for (const end of atEnd.reverse()) await end()
    const all = await Promise.all(windows.values())
    await Promise.all(all.map(({ page }) => page.context().close()))
    // Holds for every scenario, whatever it is about.
    const faults = all.flatMap((window) => [...window.foreign, ...window.faults])
    if (faults.length) throw new Error(`requests elsewhere, or faults in a page:\n${faults.join('\n')}`)
  },
})

export const { Given, When, Then } = createBdd(test)

/** A fresh agency user of an organisation of their own. */
export async function newAgency(stage: Stage): Promise<{ account: Account; client: PortalClient }> {
  const account = await invite(stage.admin)
  return { account, client: await signIn(stage.stack.url, account) }
}

/** A client without any cookie. */
export const stranger = (stage: Stage) => createClient(stage.stack.url)
