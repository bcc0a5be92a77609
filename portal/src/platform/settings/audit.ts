import { z } from 'zod'
import { wholeNumber } from './fields.ts'

const isWitness = (vkey: string, url: string) =>
  /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(vkey) && /^https?:\/\//.test(url) && URL.canParse(url)

/** The audit log, its witnesses and its time-stamps. */
export const auditSettings = {
  AUDIT_SCHEMA_VERSION: z
    .enum(['1'], { error: 'must be 1, the only version there is' })
    .default('1')
    .describe('Schema version of new audit events'),
  AUDIT_WITNESSES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((one) => one.trim()))
    .transform((ones) => ones.filter(Boolean).map((one) => one.split(/\s+/)))
    .refine(
      (ones) => ones.every(([vkey = '', url = '', ...rest]) => isWitness(vkey, url) && rest.length === 0),
      {
        error: 'must be verifier keys, each with the URL of its witness behind it, separated by commas',
      },
    )
    .transform((ones) => ones.map(([vkey = '', url = '']) => ({ vkey, url: url.replace(/\/$/, '') })))
    .describe(
      'Witnesses that cosign heads of the audit log: `name+id+key https://host`, separated by commas',
    ),
  AUDIT_WITNESSES_REQUIRED: z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(0, 'must be at least 0')
    .optional()
    .describe('Cosignatures that a head ought to carry; all witnesses’ if unset'),
  AUDIT_WITNESS_LATE_SECONDS: wholeNumber(60, 86_400, 300).describe(
    'Age of a witness’s newest cosignature that raises an alert, in seconds',
  ),
  AUDIT_KEY_OVERLAP_DAYS: wholeNumber(0, 365, 30).describe(
    'Days for which the old and the new key of the audit log both sign its heads after a change',
  ),
  AUDIT_TSA_URL: z
    .url({ protocol: /^https?$/, error: 'must be the http or https URL of an authority' })
    .optional()
    .describe('Time-stamping authority (RFC 3161) for heads of the audit log'),
  AUDIT_TSA_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Certificates (PEM) that the authority’s must lead to; needed with AUDIT_TSA_URL'),
  AUDIT_TSA_MINUTES: wholeNumber(1, 44_640, 60).describe('Minutes between two time-stamps'),
}
