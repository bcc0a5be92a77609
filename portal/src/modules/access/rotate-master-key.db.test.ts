import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { seal, unseal } from '../../platform/crypto.ts'
import { createKeys } from '../../platform/keys.ts'
import { loadSecrets, prepareMasterKey, secretFiles } from '../../platform/secrets.ts'
import { changeMasterKey } from './rotate-master-key.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

describe('[OPS-07] a new master key', () => {
  it('takes effect while the portal runs: what was sealed opens, here and after a start; the log tells of it', async () => {
    const files = secretFiles(t.app.settings)
    const box = seal(t.app.keys.seal, 'a secret at rest', 'here')
    const before = await readFile(files.masterKeyFile, 'utf8')
    const rotated = await t.app.call(changeMasterKey, {}, t.app.newContext({ kind: 'system', id: 'test' }))
    expect(await readFile(files.masterKeyFile, 'utf8')).not.toBe(before)
    expect(unseal(t.app.keys.seal, box, 'here').toString()).toBe('a secret at rest')
    const started = createKeys(await loadSecrets(files))
    expect(unseal(started.seal, box, 'here').toString()).toBe('a secret at rest')
    const event = (await t.events()).at(-1)
    expect(event).toMatchObject({ action: 'master-key.rotate', details: rotated })
    expect(JSON.stringify(event)).not.toContain(before.trim())
  })

  it('made three times at one moment is made one after the other: each event names the key that was the newest', async () => {
    const files = secretFiles(t.app.settings)
    const rotate = () => t.app.call(changeMasterKey, {}, t.app.newContext({ kind: 'system', id: 'test' }))
    const before = await rotate()
    await Promise.all([rotate(), rotate(), rotate()])
    const told = (await t.events()).filter(({ action }) => action === 'master-key.rotate').slice(-3)
    let newest = before.to
    for (const { details } of told) {
      expect(details?.from).toBe(newest)
      newest = String(details?.to)
    }
    expect((await prepareMasterKey(files)).from).toBe(newest)
  })
})
