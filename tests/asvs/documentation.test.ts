import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AREAS } from '../../portal/src/modules/audit/rules.ts'
import { FRESH_MINUTES, IDLE_MINUTES } from '../../portal/src/modules/identity/actor.ts'
import { newPassword } from '../../portal/src/modules/identity/inputs.ts'
import { DEFAULT_RULES } from '../../portal/src/modules/limits/rules.ts'
import { operations } from '../../portal/src/registry.ts'
import { ROOT, readCatalogue } from './catalogue.ts'
import { readSources } from './read-sources.ts'
import { section, tableOf } from './security-doc.ts'

const sources = readSources()
/** Files whose text matches, sorted. */
const filesWith = (pattern: RegExp) =>
  [...sources].filter(([, text]) => pattern.test(text)).map(([file]) => file)

describe('docs/security.md', () => {
  it.each([
    ['[ASVS-2.1.1, ASVS-2.1.2]', 'Input', ['strict schema', 'checked together', 'opens before it ends']],
    ['[ASVS-3.1.1]', 'Browsers', ['Content Security Policy', 'HSTS', 'Trusted Types', 'is told so']],
    ['[ASVS-6.1.3]', 'Signing in', ['password', 'passkey', 'code by mail', 'OpenID provider or Clerk']],
    ['[ASVS-7.1.2, ASVS-7.1.3]', 'Sessions', ['as many sessions', 'OpenID provider', 'NIST SP 800-63B']],
    [
      '[ASVS-8.1.1, ASVS-8.1.2]',
      'Authorisation',
      ['least role', 'organisation', 'Fields:', 'Writable fields'],
    ],
    ['[ASVS-8.1.3, ASVS-8.1.4]', 'Context', ['country', 'device', 'denied', 'asked for again']],
    [
      '[ASVS-11.1.1, ASVS-11.1.4, ASVS-13.1.4]',
      'Keys',
      ['NIST SP 800-57', 'two parties', 'quantum', 'Secrets that are critical'],
    ],
    ['[ASVS-14.1.2]', 'Data', ['confidential', 'sensitive', 'restricted', 'protected', 'internal']],
    ['[ASVS-15.1.1, ASVS-15.1.4]', 'Components', ['critical is mended within 3 days', 'Risky components']],
    ['[ASVS-15.1.3]', 'Costly work', ['Encoding', 'lanes', 'outlast a request']],
    ['[ASVS-16.1.1]', 'Logs', ['audit log', 'standard error', 'throttlings', 'error service', 'metrics']],
  ])('%s says under "%s" what it must', (_, heading, words) => {
    const text = section(heading)
    expect(words.filter((word) => !text.includes(word))).toEqual([])
    expect(text.length).toBeGreaterThan(300)
  })

  it('[ASVS-7.1.1] has the lengths of sessions as they are', () => {
    const hours = (minutes: number) => (minutes > 60 ? `${minutes / 60} hours` : `${minutes} minutes`)
    expect(tableOf('Sessions').map((row) => row.slice(1))).toEqual([
      [hours(IDLE_MINUTES.staff), hours(IDLE_MINUTES.others)],
      ['12 hours', '12 hours'],
      [`${FRESH_MINUTES} minutes`, `${FRESH_MINUTES} minutes`],
    ])
  })

  it('[ASVS-2.1.3, ASVS-6.1.1] has the limits as they are', () => {
    const { playback, upload, api } = DEFAULT_RULES
    const limits = section('Limits')
    expect(limits).toContain(`${playback.quota} playback requests a minute`)
    expect(limits).toContain(`${upload.quota} uploads a day`)
    expect(limits).toContain(`${api.quota} API requests a minute`)
    const [password, , mailed] = tableOf('Signing in').map((row) => row[2])
    const rules = DEFAULT_RULES
    expect(password).toBe(
      `${rules['sign-in'].quota} tries in ${rules['sign-in'].windowSeconds / 60} minutes from an address, ${rules['sign-in-network'].quota} from its network, ${rules['sign-in-address'].quota} in ${rules['sign-in-address'].windowSeconds / 60} minutes for a mailbox`,
    )
    expect(mailed).toBe(`${rules['mail-address'].quota} mails an hour for a mailbox`)
    expect(section('Signing in')).toContain('No rule locks an account')
  })

  it('[ASVS-6.1.2] names the words that no password may be made of, as the code has them', () => {
    const text = sources.get('portal/src/modules/identity/poor-password.ts') ?? ''
    const words = /const PRODUCT = \[([^\]]+)\]/.exec(text)?.[1]?.match(/'[^']+'/g) ?? []
    expect(words.length).toBeGreaterThan(0)
    for (const word of words) expect(section('Passwords')).toContain(`"${word.slice(1, -1)}"`)
  })

  it('[ASVS-5.1.1] has the files that are taken, and how large they may be', () => {
    const text = sources.get('portal/src/platform/settings/video.ts') ?? ''
    const gib = Number(/MAX_UPLOAD_BYTES: wholeNumber\(.*?, (\d+) \* 1024 \*\* 3\)/.exec(text)?.[1])
    const hours = Number(/MAX_VIDEO_SECONDS: wholeNumber\(.*, (\d+) \* 3600\)/.exec(text)?.[1])
    expect(section('Files')).toContain(`MAX_UPLOAD_BYTES (${gib} GiB unless set)`)
    expect(section('Files')).toContain(`MAX_VIDEO_SECONDS (${hours} hours unless set)`)
  })

  it('[ASVS-13.1.1] names every setting that leads to somebody else', () => {
    const settings = [...readFileSync(`${ROOT}docs/settings.md`, 'utf8').matchAll(/^\| ([A-Z0-9_]+) \|/gm)]
    const leading = settings
      .map(([, name]) => name ?? '')
      .filter((name) => /_(URL|ENDPOINT|DSN|ISSUER|WITNESSES)$/.test(name))
    const named = new Set(tableOf('Connections').flatMap(([cell = '']) => cell.split(', ')))
    expect(leading.length).toBeGreaterThan(15)
    expect(leading.filter((name) => !named.has(name))).toEqual([])
  })

  it('tells operators each duty of the catalogue', () => {
    const duties = readCatalogue().filter(({ duty }) => duty !== '')
    expect(tableOf("Operators' duties")).toEqual(duties.map(({ id, duty }) => [id, duty]))
  })
})

describe('what the code holds', () => {
  it('[ASVS-11.1.2, ASVS-11.1.3, ASVS-11.2.1, ASVS-11.3.1, ASVS-11.3.2, ASVS-11.4.1] uses the documented algorithms and no other', () => {
    const calls =
      /\b(?:createHash|createHmac|createCipheriv|createDecipheriv|hkdfSync|hash|generateKeyPair(?:Sync)?|generate|derive|subtle\.(?:digest|sign|verify|encrypt|decrypt|importKey|generateKey))\(\s*(?:\{ name: |'raw', \w+, )?'([A-Za-z0-9-]+)'/g
    const found = new Set(
      [...sources.values()].flatMap((text) => [...text.matchAll(calls)].map(([, name]) => name)),
    )
    // As browsers spell them.
    const spelt = [...found].map((name) => ({ 'SHA-256': 'sha256', Ed25519: 'ed25519' })[name ?? ''] ?? name)
    if (filesWith(/\bscrypt\(/).length > 0) spelt.push('scrypt')
    const documented = tableOf('Keys').map(([cell]) => /`([^`]+)`/.exec(cell ?? '')?.[1])
    expect(new Set(spelt)).toEqual(new Set(documented))
    expect(filesWith(/create(Hash|Hmac)\('sha1'/)).toEqual([
      'portal/src/modules/identity/common-passwords.ts',
      'portal/src/modules/identity/totp-codes.ts',
    ])
    // Nobody brings ciphers, hashes or random numbers of their own.
    const packages = JSON.stringify([
      JSON.parse(readFileSync(`${ROOT}portal/package.json`, 'utf8')).dependencies,
      JSON.parse(readFileSync(`${ROOT}engine/package.json`, 'utf8')).dependencies,
    ])
    expect(packages).not.toMatch(/crypto-js|node-forge|tweetnacl|bcrypt|md5|sjcl|elliptic/)
  })

  it('[ASVS-11.5.1, ASVS-6.5.3] Math.random is for waiting times and drills alone', () => {
    expect(filesWith(/Math\.random/).filter((file) => !/\/ui\//.test(file))).toEqual([
      'portal/src/modules/webhooks/apply-events.ts',
      'portal/src/modules/webhooks/record-results.ts',
      'portal/src/platform/bad-moments.ts',
      'engine/src/storage/faulty.ts',
      'engine/src/webhooks/deliveries.ts',
      'engine/src/webhooks/receiver-loop.ts',
    ])
  })

  it('[ASVS-15.1.5, ASVS-1.2.5] starts programs in the documented files alone, never through a shell', () => {
    const documented = tableOf('Components').map(([cell = '']) => cell.replaceAll('`', ''))
    expect(filesWith(/from 'node:child_process'/).sort()).toEqual([...documented].sort())
    expect(filesWith(/\bshell: true|\bexecSync\(|\bexec\(`/)).toEqual([])
  })

  it('[ASVS-12.3.2] switches no check of certificates off', () => {
    expect(
      filesWith(/rejectUnauthorized: false|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity: \(/),
    ).toEqual([])
  })

  it('[ASVS-3.3.1, ASVS-3.3.3] sets cookies of the name __Host- alone', () => {
    const names = [...sources.values()].flatMap((text) => [
      ...[...text.matchAll(/document\.cookie = `([^=`]+)=/g)].map(([, name]) => name),
      ...[...text.matchAll(/_COOKIE = '([^'=]+)=?'|cookiePrefix: '([^']+)'/g)].map(([, a, b]) => a ?? b),
      ...[...text.matchAll(/const (?:SESSION|STATE|FLOW) = '([^']+)'/g)].map(([, name]) => name),
    ])
    expect(names.length).toBeGreaterThan(5)
    expect(names.filter((name) => !name?.startsWith('__Host-'))).toEqual([])
  })

  it('[ASVS-6.2.6, ASVS-6.2.7] masks every password, names it for password managers, and hinders no paste', () => {
    const fields = [...sources].flatMap(([file, text]) =>
      file.endsWith('.tsx')
        ? [...text.matchAll(/<(?:Field|input)\b[^>]*?name="[^"]*password[^"]*"[^>]*>/gi)].map(
            ([field]) => field,
          )
        : [],
    )
    expect(fields.length).toBeGreaterThanOrEqual(5)
    expect(
      fields.filter((field) => !/type="password"|type=\{/.test(field) || !/autoComplete=/.test(field)),
    ).toEqual([])
    expect(filesWith(/onPaste=|onpaste/).filter((file) => /password|sign-in|join/.test(file))).toEqual([])
  })

  it('[ASVS-7.4.4] has the way out in the navigation of every page of signed-in people', () => {
    const layout = sources.get('portal/src/app/(work)/(team)/layout.tsx') ?? ''
    expect(layout).toMatch(/<Shell[^>]*foot=\{foot\}/)
    expect(layout).toContain('<AccountFoot')
    expect(sources.get('portal/src/modules/identity/ui/account-foot.tsx')).toMatch(/aria-label="Sign out"/)
  })

  it('[ASVS-6.2.1, ASVS-6.2.5, ASVS-6.2.9] takes passwords of any characters, from 12 to 256', () => {
    const takes = (password: string) => newPassword.safeParse(password).success
    for (const good of [
      'a'.repeat(12),
      ' '.repeat(12),
      '密码'.repeat(6),
      '🙂'.repeat(12),
      '0'.repeat(64),
      'é'.repeat(256),
    ])
      expect(takes(good), good).toBe(true)
    expect([takes('a'.repeat(11)), takes('a'.repeat(257))]).toEqual([false, false])
  })

  it('[ASVS-16.3.3] gives every area of operations its controls in the log', () => {
    const areas = new Set(operations.map(({ action }) => action.split('.', 1)[0] ?? ''))
    expect([...areas].filter((area) => !AREAS[area])).toEqual([])
  })
})
