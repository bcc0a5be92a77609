import { z } from 'zod'
import { origin, wholeNumber } from './fields.ts'

const ROLES = ['web', 'engine', 'worker'] as const

/** Where the portal runs, and where it keeps what it holds. */
export const serverSettings = {
  PORT: wholeNumber(0, 65_535, 3000).describe('Port that the portal listens on'),
  HOST: z
    .string()
    .min(1)
    .optional()
    .describe('Address to listen on; loopback unless PUBLIC_URL is somewhere else'),
  DATA_DIR: z.string().min(1).optional().describe('Folder where everything is kept'),
  PUBLIC_URL: origin.optional().describe('Origin that browsers use'),
  INTERNAL_URL: origin.optional().describe('Origin for calls between portal and engine'),
  ROLES: z
    .string()
    .default(ROLES.join(','))
    .transform((value) => value.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(ROLES, { error: `must name some of ${ROLES.join(', ')}` })).min(1))
    .describe('What this process does'),
  REGION: z.enum(['AU', 'EU']).default('AU').describe('Residency region of this installation'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severity that is logged'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional()
    .describe('PostgreSQL to use instead of the embedded one'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional()
    .describe('Redis that counts requests for the limits; in the database if unset'),
  RETENTION_POLICY_VERSION: z
    .enum(['1'], { error: 'must be 1, the only version there is' })
    .default('1')
    .describe('Version of the rules of retention that each run follows and reports'),
  VENDOR_RUNBOOK_VERSION: z
    .enum(['1'], { error: 'must be 1, the only version there is' })
    .default('1')
    .describe('Version of the vendor runbook (docs/runbooks) that alerts lead to and the portal shows'),
  E2E_SUITE_VERSION: z
    .enum(['1'], { error: 'must be 1, the only version there is' })
    .default('1')
    .describe(
      'Version of the end-to-end suite (tests/e2e/suites) that a test run belongs to, and that a statement of staging must have passed',
    ),
  STAGING_FIRST: z
    .enum(['off', 'warn', 'required'], { error: 'must be off, warn or required' })
    .default('off')
    .describe(
      'Whether flags must have run in a staging installation before: warn tells when they have not, required does not start',
    ),
  STAGING_STATEMENT_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('What `portal settings statement` printed in staging'),
  STAGING_KEY: z
    .string()
    .regex(
      /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/,
      'must be a verifier key, as `portal settings statement` tells it',
    )
    .optional()
    .describe('Verifier key of the staging installation whose statement is believed'),
  INCIDENT_DRILL_SCHEDULE: z
    .enum(['off', 'monthly', 'quarterly', 'half-yearly'], {
      error: 'must be off, monthly, quarterly or half-yearly',
    })
    .default('quarterly')
    .describe(
      'How often operations are reminded of an incident drill (off, monthly, quarterly, half-yearly)',
    ),
  SECRETS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Secrets file; DATA_DIR/secrets.json unless several machines share one'),
  MASTER_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Key that opens the secrets file: 32 bytes as base64url; made if missing. master.key beside it unless a vault mounts it elsewhere',
    ),
  CRON_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('Bearer secret of the cron routes; made if unset'),
}
