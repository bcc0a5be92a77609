import { newToken } from '../../portal/src/platform/crypto.ts'
import { isAppError } from '../../portal/src/platform/errors.ts'
import { ownShare, tryShare } from './owner-driver.ts'
import type { Scene } from './scene.ts'
import { type Answer, BROWSERS, type Browser, type Step, type Wish } from './share-model.ts'
import { revokeVideo, staffWork, tick } from './staff-driver.ts'
import { makeIsland, type Stage } from './stage.ts'
import { visit } from './visitor-driver.ts'

/** Shares of the portal itself, and the browsers that come to them. */
export type Played = {
  take(step: Step): Promise<Answer>
  hasCookie(browser: Browser): boolean
}

/** Makes shares as wished. `cookies`: which browsers were at another link before. */
export async function playShares(stage: Stage, wishes: Wish[], cookies: boolean[]): Promise<Played> {
  const scene: Scene = {
    stage,
    island: await makeIsland(stage, wishes),
    jar: BROWSERS.map((browser) => (cookies[browser] ? newToken() : null)),
    asked: 'rvk_none',
    extensions: [],
  }
  return {
    hasCookie: (browser) => scene.jar[browser] !== null,
    async take(step) {
      try {
        return await answerTo(scene, step)
      } catch (error) {
        if (!isAppError(error)) throw error
        return error.code === 'forbidden' ? 'refused' : error.code
      }
    },
  }
}

async function answerTo(scene: Scene, step: Step): Promise<Answer> {
  switch (step.do) {
    case 'wait':
      scene.stage.t.advance(step.ms)
      return null
    case 'tick':
      return await tick(scene)
    case 'open':
    case 'verify':
    case 'play':
      return await visit(scene, step)
    case 'request':
    case 'decide':
    case 'review':
    case 'readmit':
      return await staffWork(scene, step)
    case 'revoke-video':
      return await revokeVideo(scene, step.video)
    case 'stranger':
      return await tryShare(scene, step)
    default:
      return await ownShare(scene, step)
  }
}
