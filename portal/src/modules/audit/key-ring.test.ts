import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSealRing } from '#portal/platform/seal-ring.ts'
import { newSigningKey } from '../../../../tests/support/audit-log.ts'
import { oneKey } from '../../../../tests/support/one-key.ts'
import { keyFile } from './key-file.ts'
import { KeyConflict, openKeyRing } from './key-ring.ts'
import { openNote, parseVkey } from './note.ts'

const ORIGIN = 'portal.example/audit'
const DAY = 86_400_000
const at = (days: number) => new Date(Date.parse('2026-03-01T00:00:00Z') + days * DAY)

let folder: string
let seed: string
beforeEach(async () => {
  folder = await mkdtemp('/tmp/mm-keys-')
  seed = newSigningKey()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sealKey = oneKey()
const path = () => join(folder, 'audit-keys.json')
const open = (given: string | undefined = seed) =>
  openKeyRing({ origin: ORIGIN, seed: given, file: keyFile(path(), sealKey), clock: () => at(0) })
const states = (ring: Awaited<ReturnType<typeof open>>) => ring.list().map(({ state }) => state)

describe('the keys of the log', () => {
  test('[ALV-02] [ASVS-11.6.1] begin with the installation’s own, in a file that only its owner reads', async () => {
    const ring = await open()
    expect(ring.list()).toMatchObject([{ state: 'current', since: at(0).toISOString(), fromSize: 0 }])
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect((await open(newSigningKey())).signers()[0]!.vkey).toBe(ring.signers()[0]!.vkey)
  })

  test('[ALV-02] [ASVS-11.2.2] old and new sign together for the overlap; then the old private half is gone', async () => {
    const ring = await open()
    const { vkey, replaces } = await ring.prepare()
    expect(ring.signers().map((one) => one.vkey)).toEqual([replaces])
    await ring.activate(vkey, { reason: 'requested', at: at(1), overlapMs: 30 * DAY, size: 100 })
    expect(ring.signers().map((one) => one.vkey)).toEqual([replaces, vkey])
    expect(states(ring)).toEqual(['current', 'next'])
    await ring.settle(at(30.9), 200)
    expect(states(ring)).toEqual(['current', 'next'])
    await ring.settle(at(31), 200)
    expect(ring.list()).toMatchObject([
      { vkey: replaces, state: 'retired', until: at(31).toISOString(), untilSize: 200 },
      { vkey, state: 'current', since: at(1).toISOString(), fromSize: 100, until: null },
    ])
    const kept = await keyFile(path(), sealKey).read()
    expect(kept?.map(({ privateKey }) => privateKey !== null)).toEqual([false, true])
    expect(ring.known()).toHaveLength(2)
  })

  test('[OPS-07] lie sealed, each in its own place; what lay plain or under an older key is sealed at the next turn', async () => {
    const ring = await open()
    const text = () => readFile(path(), 'utf8')
    expect(await text()).not.toContain('PRIVATE KEY')
    const [key] = (await keyFile(path(), sealKey).read())!
    // As the version before wrote it.
    await writeFile(path(), JSON.stringify({ version: 1, keys: [key] }))
    expect(await text()).toContain('PRIVATE KEY')
    const upgraded = await open(newSigningKey())
    expect(upgraded.signers()[0]!.vkey).toBe(ring.signers()[0]!.vkey)
    expect(await upgraded.countSealedByOlder()).toBe(1)
    await upgraded.settle(at(1), 1)
    expect(await upgraded.countSealedByOlder()).toBe(0)
    expect(await text()).not.toContain('PRIVATE KEY')
    // Another key seals from now on; the one before still opens.
    const newest = oneKey().list()[0]!
    const both = createSealRing([newest, ...sealKey.list()])
    const file = keyFile(path(), both)
    expect(await file.read()).toEqual([key])
    expect(file.isSealedByOlder()).toBe(true)
    const rotated = await openKeyRing({ origin: ORIGIN, seed: undefined, file, clock: () => at(0) })
    await rotated.settle(at(1), 1)
    expect(await rotated.countSealedByOlder()).toBe(0)
    expect(await keyFile(path(), createSealRing([newest])).read()).toEqual([key])
    await expect(open()).rejects.toThrow('sealed by a key that is not in the secrets file')
  })

  test('[OPS-07] a private half is worth nothing in another’s place', async () => {
    const ring = await open()
    const { vkey } = await ring.prepare()
    await ring.activate(vkey, { reason: 'requested', at: at(1), overlapMs: DAY, size: 1 })
    const stored = JSON.parse(await readFile(path(), 'utf8'))
    ;[stored.keys[0].privateKey, stored.keys[1].privateKey] = stored.keys
      .map((key: { privateKey: string }) => key.privateKey)
      .reverse()
    await writeFile(path(), JSON.stringify(stored))
    await expect(open()).rejects.toThrow('restore both from one backup')
  })

  test('[ALV-02] the change is signed by both, so that who trusts the old key can take the new one over', async () => {
    const ring = await open()
    const { vkey, replaces } = await ring.prepare()
    await ring.activate(vkey, { reason: 'requested', at: at(1), overlapMs: DAY, size: 1 })
    const statement = ring.list()[1]!.statement!
    expect(openNote(statement, [parseVkey(replaces), parseVkey(vkey)])?.signedBy).toHaveLength(2)
    expect(statement).toContain(`${vkey}\nreplaces ${replaces}\nrequested\n${at(1).toISOString()}\n`)
  })

  test('[ALV-02] a compromised key ends at once, with one that was on its way out, and vouches for nobody', async () => {
    const ring = await open()
    const first = await ring.prepare()
    await ring.activate(first.vkey, { reason: 'requested', at: at(1), overlapMs: 30 * DAY, size: 5 })
    const { vkey } = await ring.prepare()
    await ring.activate(vkey, { reason: 'compromised', at: at(2), overlapMs: 0, size: 9 })
    expect(states(ring)).toEqual(['compromised', 'compromised', 'current'])
    expect(ring.signers().map((one) => one.vkey)).toEqual([vkey])
    expect(ring.list()[0]).toMatchObject({ until: at(2).toISOString(), untilSize: 9 })
    expect(openNote(ring.list()[2]!.statement!, [parseVkey(first.replaces)])).toBeNull()
    const kept = await keyFile(path(), sealKey).read()
    expect(kept?.map(({ privateKey }) => privateKey !== null)).toEqual([false, false, true])
  })

  test('[ALV-02] a second change waits for the end of the first', async () => {
    const ring = await open()
    await ring.activate((await ring.prepare()).vkey, {
      reason: 'requested',
      at: at(1),
      overlapMs: DAY,
      size: 1,
    })
    const { vkey } = await ring.prepare()
    const change = { reason: 'requested' as const, at: at(1.5), overlapMs: DAY, size: 2 }
    await expect(ring.activate(vkey, change)).rejects.toThrow(KeyConflict)
    await expect(ring.activate('nobody’s', change)).rejects.toThrow(KeyConflict)
  })

  test('[ALV-02] a change that broke off is taken up again with the same key; another process hears of it', async () => {
    const ring = await open()
    const other = await open()
    const { vkey } = await ring.prepare()
    expect(other.signers()).toHaveLength(1)
    await other.refresh()
    expect((await other.prepare()).vkey).toBe(vkey)
    await other.activate(vkey, { reason: 'requested', at: at(1), overlapMs: DAY, size: 1 })
    expect(states(ring)).toEqual(['current'])
    await ring.refresh()
    expect(states(ring)).toEqual(['current', 'next'])
  })

  test('[ALV-02] a lost or damaged file stops the log, with what to do', async () => {
    await expect(
      openKeyRing({ origin: ORIGIN, seed: undefined, file: keyFile(path(), sealKey), clock: () => at(0) }),
    ).rejects.toThrow('restore audit-keys.json')
    await writeFile(path(), '{"version": 1, "keys": []}')
    await expect(open()).rejects.toThrow('is damaged')
  })
})
