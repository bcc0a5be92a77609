import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { launchBrowser, watchPage } from '../support/browser.ts'
import { createClient } from '../support/portal-client.ts'
import { startStack } from '../support/stack.ts'
import { type Furnished, furnish } from './furnish.ts'
import { prepareWitnesses } from './furnish-log.ts'
import type { Scene } from './scene.ts'
import { scenesOf } from './scenes.ts'

const USAGE = `npm run screenshots -- FOLDER [--only NAME]... [--json]
Every page and state at 390 and 1440 px, light and dark, on a portal of its own. Each is checked with axe as well;
exit status 0 only if no check finds anything.
`
const SIZES = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
]
const THEMES = ['light', 'dark'] as const
const CONFORMANCE = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean' }, only: { type: 'string', multiple: true } },
})
if (values.help || positionals.length !== 1) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}
const folder = resolve(positionals[0] ?? '')

type Finding = { file: string; what: string }
type Look = {
  browser: Browser
  portal: Furnished
  origin: string
  size: (typeof SIZES)[number]
  theme: 'light' | 'dark'
}

async function contextFor(look: Look, scene: Scene): Promise<BrowserContext> {
  const context = await look.browser.newContext({
    locale: 'en-AU',
    timezoneId: 'Australia/Sydney',
    viewport: look.size,
    colorScheme: look.theme,
    reducedMotion: 'reduce',
  })
  if (scene.as === 'nobody') return context
  const client = createClient(look.origin)
  await client.call('POST', '/api/auth/sign-in/email', look.portal[scene.as])
  const cookies = client
    .cookies()
    .split('; ')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/)
      return {
        name,
        value,
        url: look.origin.replace('http:', 'https:'),
        secure: true,
        httpOnly: true,
        sameSite: 'Lax' as const,
      }
    })
  await context.addCookies(cookies)
  return context
}

/** Visits one scene; gives the picture's path and what is wrong with the page. */
async function shoot(look: Look, scene: Scene): Promise<{ file: string; findings: Finding[] }> {
  const file = join(folder, `${scene.name}-${look.size.width}-${look.theme}.png`)
  const context = await contextFor(look, scene)
  try {
    const page = await context.newPage()
    const seen = watchPage(page, look.origin)
    await page.goto(`${look.origin}${scene.path}`)
    await scene.act?.(page)
    await page.waitForFunction(isSettled)
    await page.screenshot({ path: file })
    const findings = [...seen.foreign.map((url) => `asked ${url}`), ...seen.faults, ...(await faultsOf(page))]
    await scene.after?.(page)
    return { file, findings: findings.map((what) => ({ file, what })) }
  } finally {
    await context.close()
  }
}

/** A scene that can't be played is a finding, and the others go on. */
const tryToShoot = (look: Look, scene: Scene) =>
  shoot(look, scene).catch((error: Error) => {
    const file = `${scene.name}-${look.size.width}-${look.theme}`
    return { file, findings: [{ file, what: `could not be played: ${error.message.split('\n')[0]}` }] }
  })

/** Runs in the page: fonts and visible pictures are there, and times are told in the reader's zone. */
function isSettled(): boolean {
  const images = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight)
  const times = [...document.querySelectorAll('time')]
  return (
    document.fonts.status === 'loaded' &&
    images.every((image) => image.complete) &&
    times.every((time) => time.title !== '' || getComputedStyle(time).opacity === '1')
  )
}

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(CONFORMANCE).analyze()
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join('; ')})`,
  )
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  if (wider > 0) found.push(`scrolls sideways by ${wider} px`)
  return found
}

async function main(): Promise<number> {
  await mkdir(folder, { recursive: true })
  const witnesses = await prepareWitnesses()
  const stack = await startStack({
    env: { LOG_LEVEL: 'warn', AUDIT_WITNESSES: witnesses.setting },
  })
  const files: string[] = []
  const findings: Finding[] = []
  try {
    await witnesses.begin(stack)
    const portal = await furnish(stack)
    const browser = await launchBrowser()
    try {
      const scenes = scenesOf(portal, stack.url).filter(
        ({ name }) => values.only?.some((part) => name.includes(part)) ?? true,
      )
      for (const scene of scenes) {
        for (const size of SIZES) {
          for (const theme of THEMES) {
            const shot = await tryToShoot({ browser, portal, origin: stack.url, size, theme }, scene)
            files.push(shot.file)
            findings.push(...shot.findings)
            if (!values.json) process.stdout.write(`${shot.file}\n`)
          }
        }
      }
    } finally {
      await browser.close()
    }
  } finally {
    await stack.stop()
    await witnesses.stop()
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ files, findings })}\n`)
  for (const { file, what } of findings) process.stderr.write(`${file}: ${what}\n`)
  return findings.length === 0 ? 0 : 1
}

process.exit(await main())
