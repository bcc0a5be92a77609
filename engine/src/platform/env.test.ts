import { expect, it } from 'vitest'
import { readSettings } from './env.ts'

const right = {
  DATABASE_URL: 'postgres://u:p@localhost/db',
  ENGINE_DATA_DIR: '/tmp/engine',
  ENGINE_TOKEN_ID: 'id',
  ENGINE_TOKEN_SECRET: 'x'.repeat(16),
  ENGINE_SESSION_SECRET: 'y'.repeat(32),
}

it('[OPS-01] starts with the five settings that have no default', () => {
  const { host, port, config } = readSettings(right)
  expect({ host, port }).toEqual({ host: '127.0.0.1', port: 4100 })
  expect(config).toMatchObject({
    publicUrl: 'http://localhost:4100',
    roles: ['api', 'delivery', 'worker'],
    webhooks: [],
    maxDurationSeconds: 43_200,
    testMode: { fixtures: false, strictChunks: false, shuffleWebhooks: false },
  })
})

it.each(Object.keys(right))('[OPS-01] says that %s must be set', (name) => {
  expect(() => readSettings({ ...right, [name]: '' })).toThrow(`${name}: must be set`)
})

it.each([
  ['ENGINE_PORT', '70000'],
  ['ENGINE_PORT', 'http'],
  ['ENGINE_TOKEN_SECRET', 'short'],
  ['ENGINE_SESSION_SECRET', 'short'],
  ['ENGINE_ROLES', 'api,web'],
  ['ENGINE_TEST_MODE', 'chaos'],
  ['ENGINE_MAX_UPLOAD_BYTES', '10 GB'],
  ['ENGINE_PUBLIC_URL', 'portal.example'],
  ['ENGINE_WEBHOOK_URL', 'ftp://portal.example'],
])('[OPS-01] names %s when it is %j', (name, value) => {
  expect(() => readSettings({ ...right, [name]: value })).toThrow(new RegExp(`^${name}: `, 'm'))
})

it('[ASVS-12.2.1] speaks TLS with certificate and key, and never half of it', () => {
  const tls = { ENGINE_TLS_CERT_FILE: '/c.pem', ENGINE_TLS_KEY_FILE: '/k.pem' }
  expect(readSettings({ ...right, ...tls })).toMatchObject({
    tls: { certFile: '/c.pem', keyFile: '/k.pem' },
    config: { publicUrl: 'https://localhost:4100' },
  })
  expect(() => readSettings({ ...right, ENGINE_TLS_CERT_FILE: '/c.pem' })).toThrow('belong together')
  expect(() => readSettings({ ...right, ...tls, ENGINE_PUBLIC_URL: 'http://a.example' })).toThrow(
    'ENGINE_PUBLIC_URL: must begin with https://',
  )
})

const fixtures = {
  ...right,
  ENGINE_TOKEN_ID: '',
  ENGINE_TOKEN_SECRET: '',
  ENGINE_TEST_MODE: 'fixtures',
}

it('[ASVS-13.2.3] takes the published credentials in fixture mode, and no others', () => {
  const { config } = readSettings(fixtures)
  expect(config.testMode?.fixtures).toBe(true)
  expect(config.credentials).toEqual([{ id: 'my token id', secret: 'my secret' }])
})

it.each([
  { ENGINE_TOKEN_ID: 'id' },
  { ENGINE_TOKEN_SECRET: 'x'.repeat(16) },
  { NODE_ENV: 'production' },
  { ENGINE_WEBHOOK_URL: 'https://portal.example/hooks', ENGINE_WEBHOOK_SECRET: 'x'.repeat(16) },
])('[ASVS-15.2.3] refuses fixture mode beside %j', (more) => {
  expect(() => readSettings({ ...fixtures, ...more })).toThrow('ENGINE_TEST_MODE: fixtures')
})

it('[OPS-01] refuses webhooks without a secret to sign them', () => {
  expect(() => readSettings({ ...right, ENGINE_WEBHOOK_URL: 'https://portal.example/hooks' })).toThrow(
    'ENGINE_WEBHOOK_SECRET: must be set',
  )
})
