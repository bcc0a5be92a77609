import { z } from 'zod'
import { flag, wholeNumber } from './fields.ts'

/** What stands before the portal, and what it lets through. */
export const frontDoorSettings = {
  TLS_CERT_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Certificate with its chain (PEM): with it the portal itself speaks TLS on PORT; renewed, it is served without a restart',
    ),
  TLS_KEY_FILE: z.string().min(1).optional().describe('Private key of that certificate (PEM)'),
  HTTP_PORT: z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(65_535, 'must be at most 65535')
    .optional()
    .describe('Port of plain HTTP that only leads to https, beside TLS; none if unset'),
  MAX_CONNECTIONS: wholeNumber(100, 1_000_000, 10_000).describe(
    'Open connections of one process; one address gets half of them at most',
  ),
  TRUST_PROXY: wholeNumber(0, 10, 0).describe(
    'Number of reverse proxies in front, one behind the other, whose X-Forwarded-For is believed',
  ),
  TRUSTED_PROXIES: z
    .string()
    .transform((list) => list.split(',').map((network) => network.trim()))
    .pipe(
      z.array(
        z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
          error: 'must name addresses or networks such as 203.0.113.0/24',
        }),
      ),
    )
    .optional()
    .describe('Addresses and networks of those proxies; private networks if unset. Nobody else is believed'),
  COUNTRY_HEADER: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a header, such as CF-IPCountry')
    .transform((name) => name.toLowerCase())
    .optional()
    .describe('Header in which the reverse proxy names the country of a request (two letters)'),
  COUNTRY_DATABASE: z
    .string()
    .min(1)
    .optional()
    .describe('Where no header names it: file in MaxMind’s format in place of the bundled one, or off'),
  SECURITY_CONTACT: z
    .string()
    .regex(/^(https:\/\/|mailto:)\S+$/, 'must begin with https:// or mailto:')
    .optional()
    .describe(
      'Where flaws are reported to, named in /.well-known/security.txt; the portal’s own page if unset',
    ),
  RATE_LIMIT_ENFORCED: flag(true).describe('false: limits are counted and reported, not enforced'),
  COST_MONITORING_ENABLED: flag(true).describe(
    'Levels of the budget throttle what costs; false: none is set by cost monitoring, and none holds',
  ),
  ADMIN_SHARE_UI_ENABLED: flag(true).describe(
    "The administrator's share pages and routes; false: they are not found, revoking by command stays",
  ),
}
