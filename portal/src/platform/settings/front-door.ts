import { z } from 'zod'
import { flag, wholeNumber } from './fields.ts'

/** What stands before the portal, and what it lets through. */
export const frontDoorSettings = {
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
  RATE_LIMIT_ENFORCED: flag(true).describe('false: limits are counted and reported, not enforced'),
  ADMIN_SHARE_UI_ENABLED: flag(true).describe("The administrator's share pages and routes"),
}
