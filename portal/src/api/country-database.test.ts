import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import { expect, it } from 'vitest'
import { createCountryDatabase } from './country-database.ts'

const log = pino({ level: 'silent' })
const countryOf = createCountryDatabase(undefined, log)

// Telstra, Deutsche Telekom and Google, as the installed version of the database has them.
it.each([
  ['139.130.4.5', 'AU'],
  ['::ffff:139.130.4.5', 'AU'],
  ['2001:8000::1', 'AU'],
  ['194.25.0.60', 'DE'],
  ['2003:e2::1', 'DE'],
  ['2001:4860::8888', 'US'],
])('[IDN-02] %s is in %s', async (address, country) => {
  expect(await countryOf(address)).toBe(country)
})

it.each([
  ...['127.0.0.1', '10.1.2.3', '172.20.0.1', '192.168.1.1', '169.254.1.1', '100.64.1.1', '203.0.113.9'],
  ...['::1', '::', 'fe80::1%eth0', 'fd00::1', '2001:db8::1', '::ffff:192.168.1.1', '255.255.255.255'],
  ...['unknown', '', '1.2.3', '139.130.4.5, 10.0.0.1'],
])('%s has no country', async (address) => {
  expect(await countryOf(address)).toBeNull()
})

it('knows no country by a database that is missing or damaged', async () => {
  const folder = await mkdtemp('/tmp/mm-countries-')
  await writeFile(join(folder, 'damaged.mmdb'), 'no database')
  for (const name of ['missing.mmdb', 'damaged.mmdb'])
    expect(await createCountryDatabase(join(folder, name), log)('139.130.4.5')).toBeNull()
  await rm(folder, { recursive: true })
})
