import { createClient } from '../support/portal-client.ts'
import { invite, signIn } from '../support/portal-people.ts'
import { setScene } from '../support/ready-video.ts'
import { startStack } from '../support/stack.ts'
import { audienceOf, type PageCell, pagePaths, walkPages } from './pages.ts'
import type { Cell } from './walk.ts'

/** Every page of a portal of its own as a visitor, a guest, two agencies and an administrator. */
export async function walkPageDoor(): Promise<{ cells: Cell[]; undeclared: string[] }> {
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  try {
    const { admin, agency, videoId } = await setScene(stack, { seconds: 2, width: 320, height: 180 })
    const share = await agency.call<{ id: string }>('POST', `/api/videos/${videoId}/shares`, {
      access: 'link',
    })
    const clients = {
      ...{ visitor: createClient(stack.url), agency, admin },
      guest: await signIn(stack.url, await invite(admin, { role: 'guest' })),
      'other agency': await signIn(stack.url, await invite(admin)),
    }
    const cells = await walkPages(clients, { '/videos/[id]': videoId, '/shares/[id]': share.id })
    return { cells: cells.map(cellOf), undeclared: pagePaths().filter((path) => audienceOf(path) === null) }
  } finally {
    await stack.stop()
  }
}

const cellOf = ({ path, who, expected, actual, answer }: PageCell): Cell => ({
  ...{ action: 'page', door: path, who, answer },
  object: !path.includes('[id]') ? 'none' : who === 'agency' ? 'own' : 'other',
  expected: expected ? 'allow' : 'deny',
  actual: actual ? 'allow' : 'deny',
})
