import { afterAll, beforeAll, expect, it } from 'vitest'
import { listDetections } from '../../portal/src/modules/abuse/list-detections.ts'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { serveTestApp, type TestHttp } from '../support/test-http.ts'
import { carryOut } from './abuse.ts'
import { ATTACKS } from './attacks.ts'
import type { Stage } from './stage.ts'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp({ TRUST_PROXY: '1' })
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

/** What an attack on links and webhooks needs; the whole of it is `npm run drill -- abuse`. */
async function stageOf(app: TestApp['app']): Promise<Stage> {
  const staff = await t.person('admin', { groups: ['security'] })
  const unused = async (): Promise<never> => {
    throw new Error('this attack needs no more')
  }
  return {
    ...{ origin: http.origin, videoId: '', people: [], uploader: {}, premiere: false },
    staff: async <T>() => (await app.call(listDetections, { limit: 200 }, app.newContext(staff))) as T,
    owner: unused,
    share: unused,
    stop: async () => {},
  }
}

it('[RLA-06] [ASVS-6.3.1] [ASVS-2.4.1] guesses and forgeries are detected, and nothing is reached after that', async () => {
  const stage = await stageOf(t.app)
  for (const name of [
    'link guessing, one address',
    'webhook spoofing',
    'enumeration, by answers and by timing',
  ]) {
    const attack = ATTACKS.find((one) => one.name === name)
    if (!attack) throw new Error(`there is no attack "${name}"`)
    const outcome = await carryOut(stage, attack)
    expect(outcome).toMatchObject({
      name,
      rules: attack.rules,
      detected: true,
      contained: true,
      reachedAfter: 0,
    })
    expect(outcome.reached).toBeLessThan(outcome.tries)
  }
})
