import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { BlockList, isIP } from 'node:net'
import { type CountryResponse, Reader } from 'mmdb-lib'
import type { Log } from '#portal/platform/log.ts'

const BUNDLED = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'

/** Country of an address, ISO 3166-1 alpha-2; null where it has none, or nobody knows it. */
export type CountryOf = (address: string) => Promise<string | null>

// Databases of the field put some of these into a country. RFC 6890: nobody calls from them over the internet.
const SPECIAL: [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
]

/**
 * Looks countries up offline, in the bundled database or one in MaxMind's format at `file`; read once, at the first
 * question. One that can't be read is logged, and knows no country: what depends on one stays closed.
 */
export function createCountryDatabase(file: string | undefined, log: Log): CountryOf {
  const special = new BlockList()
  for (const [address, prefix, family] of SPECIAL) special.addSubnet(address, prefix, family)
  let opened: Promise<Reader<CountryResponse> | null> | undefined
  return async (given) => {
    const address = given.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
    const family = isIP(address)
    if (family === 0 || special.check(address, family === 4 ? 'ipv4' : 'ipv6')) return null
    opened ??= openDatabase(file, log)
    return codeIn(((await opened)?.get(address) ?? null) as Country | null)
  }
}

// The bundled database's shape, and that of MaxMind's own.
type Country = { country_code?: string; country?: { iso_code?: string } }

function codeIn(found: Country | null): string | null {
  const code = found?.country_code ?? found?.country?.iso_code ?? ''
  return /^[A-Z]{2}$/.test(code) ? code : null
}

async function openDatabase(file: string | undefined, log: Log): Promise<Reader<CountryResponse> | null> {
  try {
    const path = file ?? createRequire(import.meta.url).resolve(BUNDLED)
    return new Reader<CountryResponse>(await readFile(path))
  } catch (error) {
    log.error({ err: error }, 'the country database can’t be read: links for some countries stay closed')
    return null
  }
}
