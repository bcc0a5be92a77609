import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '#portal/platform/env.ts'
import { BROWSER_STORAGE } from './browser-storage.ts'
import { INVENTORY } from './data-inventory.ts'
import { inDays, NOTICE_CATEGORIES } from './notice-categories.ts'
import { keptDaysOf, privacyNotice } from './privacy-notice.ts'
import { retentionRules } from './retention-rules.ts'

const SOURCES = fileURLToPath(new URL('../../', import.meta.url))
const notice = (env: Record<string, string> = {}) => privacyNotice(loadSettings(env))
const declared = NOTICE_CATEGORIES.map(({ tables }) => tables.split(' '))

describe('[DRR-04] the privacy notice', () => {
  it('tells of every table of the inventory that holds something of people, once', () => {
    const personal = INVENTORY.filter((data) => data.of !== 'nobody').map(({ table }) => table)
    expect(declared.flat().toSorted()).toEqual(personal.toSorted())
  })

  it('tells each table in words, and what an erasure does with it', () => {
    const { categories } = notice()
    for (const [n, tables] of declared.entries()) {
      const told = categories[n]
      const held = tables.map((table) => INVENTORY.find((data) => data.table === table)?.holds)
      expect(told?.parts.map(({ holds }) => holds.toLowerCase())).toEqual(
        held.map((holds) => holds?.toLowerCase()),
      )
      for (const { holds, erased } of told?.parts ?? []) expect(erased, holds).not.toEqual([])
      expect(told?.kept, told?.title).not.toEqual([])
      expect(told?.basis).toContain('GDPR')
    }
  })

  it('[DRR-02] tells each rule of retention about people with its days', () => {
    const { categories } = notice()
    for (const { table, keptDays } of retentionRules) {
      const n = declared.findIndex((tables) => tables.includes(table))
      if (n < 0) continue
      expect(categories[n]?.kept.join(' '), table).toContain(inDays(keptDays))
    }
    expect(keptDaysOf('limit_throttlings')).toBeGreaterThan(0)
    expect(() => keptDaysOf('no_such_table')).toThrow('no_such_table')
  })

  it('follows the settings: the region, the contact, what is kept of watching', () => {
    expect(notice()).toMatchObject({ region: 'Australia', contact: null, recordsWatching: true })
    expect(
      notice({
        REGION: 'EU',
        PRIVACY_CONTACT: 'mailto:privacy@studio.example',
        MINIMAL_ANALYTICS_ENABLED: 'false',
      }),
    ).toMatchObject({
      region: 'the European Union',
      contact: { href: 'mailto:privacy@studio.example', text: 'privacy@studio.example' },
      recordsWatching: false,
    })
  })

  it('names the other companies that are set up, and no other', () => {
    expect(notice().recipients).toEqual([])
    const mux = { MUX_TOKEN_ID: 'id', MUX_TOKEN_SECRET: 'secret', MUX_WEBHOOK_SECRET: 'secret' }
    const names = notice({ ...mux, RESEND_API_KEY: 're_1', S3_BUCKET: 'media' }).recipients.map(
      ({ who }) => who,
    )
    expect(names).toEqual(['Mux', 'Amazon Web Services', 'Resend'])
  })

  it('names all that the portal’s sources keep in a browser', () => {
    const told = new Set(BROWSER_STORAGE.flatMap(({ names }) => names))
    const found = new Set(sources().flatMap(keptIn))
    expect([...found].filter((name) => !told.has(name))).toEqual([])
    expect([...told].filter((name) => !found.has(name))).toEqual([])
  })
})

function sources(folder = SOURCES): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|(^|\/)(contract|browser-storage)\.ts$/.test(file))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
}

/** Names of cookies, of databases, and of what lies in the local store of a browser. */
function keptIn(text: string): string[] {
  const cookies = [...text.matchAll(/__Host-mm[-.][\w.]+/g)].map(([name]) => name)
  const shelves = /\blocalStorage\b|Pick<Storage/.test(text)
    ? [...text.matchAll(/^const SHELF = '([^']+)'/gm)].map(([, name = '']) => name)
    : []
  const databases = /indexedDB\.open/.test(text)
    ? [...text.matchAll(/indexedDB\.open\('([^']+)'|^const DATABASE = '([^']+)'/gm)].map(
        ([, plain, named]) => plain ?? named ?? '',
      )
    : []
  const signed = [...text.matchAll(/'(passkey_challenge)'/g)].map(([, name]) => `__Host-mm.${name}`)
  return [...cookies, ...shelves, ...databases, ...signed]
}
