import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { keyFile } from './key-file.ts'
import { openNote, parseVkey } from './note.ts'
import { rotateAuditKey } from './rotate-key.ts'

let t: TestApp
beforeEach(async () => {
  t = await createTestApp()
})
afterEach(() => t.stop())

const DAY = 86_400_000
const asSecurity = async () => t.app.newContext(await t.person('admin', { groups: ['security'] }))
const rotate = async (input: object) => await t.app.call(rotateAuditKey, input, await asSecurity())
const headSignedBy = async (...vkeys: string[]) =>
  openNote(
    (await t.auditLog.sequencer.checkpoint()).note,
    vkeys.map((vkey) => parseVkey(vkey)),
  )?.signedBy.length ?? 0

describe('changing the key of the log', () => {
  test('[ALV-02] heads carry both keys for the overlap, then the new one; old heads stay verifiable', async () => {
    const old = await t.auditLog.sequencer.checkpoint()
    const { vkey, replaces } = await rotate({ reason: 'requested' })
    expect(await headSignedBy(vkey, replaces)).toBe(2)
    t.advance(30 * DAY)
    await rotate({ reason: 'compromised', note: 'so that the log grows' })
    expect(await headSignedBy(replaces)).toBe(0)
    const { keys, retired } = await t.app.auditReader.keys()
    expect(keys.map(({ state }) => state)).toEqual(['retired', 'compromised', 'current'])
    expect(
      openNote(
        old.note,
        retired.map((one) => parseVkey(one)),
      )?.signedBy,
    ).toHaveLength(1)
  })

  test('[ALV-02] after a compromise the new one signs alone, at once, and somebody is alerted', async () => {
    await expect(rotate({ reason: 'compromised' })).rejects.toMatchObject({ code: 'invalid' })
    const { vkey, replaces } = await rotate({ reason: 'compromised', note: 'a backup was stolen' })
    expect(await headSignedBy(vkey)).toBe(1)
    expect(await headSignedBy(replaces)).toBe(0)
    const { rows } = await t.app.pool.query(
      "select severity from alerts where key like 'audit.key_compromised:%'",
    )
    expect(rows).toEqual([{ severity: 'critical' }])
  })

  test('[ALV-02] leaves an event without the note in it, and the private key outside the database', async () => {
    const { vkey } = await rotate({ reason: 'compromised', note: 'a backup was stolen' })
    const event = (await t.events()).find(({ action }) => action === 'audit.rotate-key')
    expect(event).toMatchObject({ outcome: 'allowed', reason: 'compromised', details: { vkey } })
    expect(JSON.stringify(event)).not.toContain('stolen')
    const path = `${t.app.settings.DATA_DIR}/audit-keys.json`
    const secret = (await keyFile(path, t.app.keys.seal).read())?.at(-1)?.privateKey?.split('\n')[1] ?? ''
    expect(secret).not.toBe('')
    expect(await readFile(path, 'utf8')).not.toContain(secret)
    const { rows } = await t.app.pool.query<{ name: string }>(
      "select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema = 'public'",
    )
    for (const { name } of rows) {
      const found = await t.app.pool.query(
        `select 1 from ${name} as one where one::text like '%' || $1 || '%'`,
        [secret],
      )
      expect({ name, found: found.rowCount }).toEqual({ name, found: 0 })
    }
  })

  test('[ALV-02] of two at once one wins, and each head is signed by a key that is published', async () => {
    const ctx = await asSecurity()
    const both = await Promise.allSettled(
      [1, 2].map(() => t.app.call(rotateAuditKey, { reason: 'requested' }, ctx)),
    )
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { current } = await t.app.auditReader.keys()
    expect(current).toHaveLength(2)
    expect(await headSignedBy(...current)).toBe(2)
  })

  test('[ALV-02] takes the group security', async () => {
    const ctx = t.app.newContext(await t.person('admin', { groups: ['compliance'] }))
    await expect(t.app.call(rotateAuditKey, { reason: 'requested' }, ctx)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
