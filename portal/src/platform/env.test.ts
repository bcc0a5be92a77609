import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { describeSettings, loadSettings } from './env.ts'
import { FLAG_NAMES, FLAGS } from './settings/flags.ts'
import { isLoopback } from './settings/loopback.ts'

describe('[OPS-01] settings', () => {
  it('start without any', () => {
    const settings = loadSettings({ DATA_DIR: '/tmp/x' })
    expect(settings).toMatchObject({
      PORT: 3000,
      PUBLIC_URL: 'http://localhost:3000',
      INTERNAL_URL: 'http://127.0.0.1:3000',
      HOST: '127.0.0.1',
      PLAYBACK_TOKEN_TTL_SECONDS: 300,
      RATE_LIMIT_ENFORCED: true,
      videoProvider: 'engine',
    })
  })

  it('with a certificate speak https outside and plain HTTP on loopback beside it', () => {
    const tls = { TLS_CERT_FILE: '/c.pem', TLS_KEY_FILE: '/k.pem', DATA_DIR: '/tmp/x' }
    expect(loadSettings(tls)).toMatchObject({
      PUBLIC_URL: 'https://localhost:3000',
      INTERNAL_URL: 'http://127.0.0.1:3001',
    })
  })

  it.each([
    [{ PORT: 'http' }, 'PORT must be a number.'],
    [{ PLAYBACK_TOKEN_TTL_SECONDS: '901' }, 'PLAYBACK_TOKEN_TTL_SECONDS must be at most 900.'],
    [{ SIGNED_PLAYBACK_ENFORCED: 'false' }, 'SIGNED_PLAYBACK_ENFORCED must stay true'],
    [{ RATE_LIMIT_ENFORCED: 'maybe' }, 'RATE_LIMIT_ENFORCED must be true or false.'],
    [{ PUBLIC_URL: 'http://portal.example.com' }, 'Use https'],
    [{ PUBLIC_URL: 'https://portal.example.com/path' }, 'must be an origin'],
    [{ ROLES: 'web,engines' }, 'must name some of web, engine, worker'],
    [{ AUDIT_SCHEMA_VERSION: '2' }, 'AUDIT_SCHEMA_VERSION must be 1'],
    [{ TLS_CERT_FILE: '/c.pem' }, 'TLS_CERT_FILE and TLS_KEY_FILE belong together'],
    [{ HTTP_PORT: '80' }, 'HTTP_PORT needs TLS_CERT_FILE'],
    [
      { TLS_CERT_FILE: '/c.pem', TLS_KEY_FILE: '/k.pem', PUBLIC_URL: 'http://localhost:3000' },
      'PUBLIC_URL must begin with https://',
    ],
    [
      { TLS_CERT_FILE: '/c.pem', TLS_KEY_FILE: '/k.pem', INTERNAL_URL: 'http://127.0.0.1:3000' },
      'INTERNAL_URL names PORT, where TLS is spoken',
    ],
    [
      { TLS_CERT_FILE: '/c.pem', TLS_KEY_FILE: '/k.pem', HTTP_PORT: '3000' },
      'HTTP_PORT and PORT are the same',
    ],
    [{ MUX_TOKEN_ID: 'a' }, 'MUX_TOKEN_SECRET is missing'],
    [{ PORTAL_ADMIN_PASSWORD: 'short' }, 'PORTAL_ADMIN_PASSWORD must have at least 12 characters.'],
    [{ S3_BUCKET: 'media', S3_ACCESS_KEY_ID: 'a' }, 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY'],
    [{ STAGING_FIRST: 'required' }, 'STAGING_FIRST needs STAGING_STATEMENT_FILE and STAGING_KEY'],
    [{ STAGING_KEY: 'staging' }, 'STAGING_KEY must be a verifier key'],
    [{ COUNTRY_HEADER: 'CF-IPCountry' }, 'COUNTRY_HEADER needs TRUST_PROXY'],
    [{ SMTP_URL: 'smtp://a', RESEND_API_KEY: 'b' }, 'keep the one that sends your mail'],
  ])('[SPS-06] [OPS-05] [ASVS-12.2.1] %o stops the start with a sentence', (env, sentence) => {
    expect(() => loadSettings({ DATA_DIR: '/tmp/x', ...env })).toThrow(sentence)
  })

  it('names every wrong setting at once', () => {
    expect(() => loadSettings({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/PORT[\s\S]*LOG_LEVEL/)
  })

  it('are the flags that the requirement names, neither more nor fewer', async () => {
    const list = await readFile(new URL('../../../docs/requirements.tsv', import.meta.url), 'utf8')
    const line = list.split('\n').find((text) => text.startsWith('OPS-01\t')) ?? ''
    expect([...FLAG_NAMES].sort()).toEqual((line.match(/\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b/g) ?? []).sort())
  })

  it('[OPS-05] what protects people is on unless somebody says otherwise', () => {
    const settings = loadSettings({ DATA_DIR: '/tmp/x' })
    const protecting = FLAG_NAMES.filter((name) => 'protects' in FLAGS[name])
    expect(protecting).toContain('CONSENT_BANNER_ENABLED')
    for (const name of protecting) expect(settings[name], name).toBe(true)
  })

  it.each(FLAG_NAMES)('%s is typed: what it does not know stops the start', (name) => {
    expect(describeSettings().find((setting) => setting.name === name)?.fallback).toBeTruthy()
    expect(() => loadSettings({ DATA_DIR: '/tmp/x', [name]: 'perhaps' })).toThrow(name)
  })

  it('has a description for each', () => {
    expect(describeSettings().filter((setting) => setting.description === '')).toEqual([])
  })
})

it.each([
  ['http://localhost:3000', true],
  ['http://127.0.0.9', true],
  ['http://[::1]:3000', true],
  ['http://localhost.example.com', false],
  ['http://192.168.0.2', false],
])('%s is loopback: %s', (url, expected) => {
  expect(isLoopback(url)).toBe(expected)
})
