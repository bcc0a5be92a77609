import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** Longest life a playback token may be given (SPS-06). */
export const TOKEN_TTL_CEILING_SECONDS = 900

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0', 'on', 'off'], { error: 'must be true or false' })
    .default(fallback ? 'true' : 'false')
    .transform((value) => value === 'true' || value === '1' || value === 'on')

const origin = z
  .string()
  .refine((value) => URL.canParse(value) && new URL(value).origin === value.replace(/\/$/, ''), {
    error: 'must be an origin such as https://portal.example.com, without a path',
  })
  .transform((value) => value.replace(/\/$/, ''))

const wholeNumber = (min: number, max: number, fallback: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback)

const isWitness = (vkey: string, url: string) =>
  /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(vkey) && /^https?:\/\//.test(url) && URL.canParse(url)

const ROLES = ['web', 'engine', 'worker'] as const

const settingsSchema = z.object({
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
  PORTAL_ADMIN_EMAIL: z
    .email('must be an e-mail address')
    .default('admin@portal.localhost')
    .describe('E-mail of the first administrator'),
  PORTAL_ADMIN_PASSWORD: z
    .string()
    .min(12, 'must have at least 12 characters')
    .optional()
    .describe('Password of the first administrator; made and told once if unset'),
  CLERK_SECRET_KEY: z
    .string()
    .min(1)
    .optional()
    .describe("Clerk's secret key; with it, Clerk signs people in, in place of passwords here"),
  CLERK_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(test|live)_/, 'must begin with pk_test_ or pk_live_')
    .optional()
    .describe("Clerk's publishable key"),
  CLERK_JWT_KEY: z
    .string()
    .transform((pem) => pem.replaceAll('\\n', '\n'))
    .pipe(z.string().startsWith('-----BEGIN PUBLIC KEY-----', 'must be a public key in PEM'))
    .optional()
    .describe("Public key that verifies Clerk's session tokens (PEM; \\n for a new line)"),
  CLERK_SIGN_IN_URL: z
    .url('must be a URL')
    .optional()
    .describe("Another sign-in page than Clerk's hosted one"),
  CLERK_API_URL: origin.optional().describe("Another origin that speaks Clerk's Backend API"),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be the URL by which the provider’s own tokens name it' })
    .optional()
    .describe('OpenID provider by which people may sign in, beside passwords here'),
  OIDC_CLIENT_ID: z.string().min(1).optional().describe('ID that the provider gave to this portal'),
  OIDC_CLIENT_SECRET: z.string().min(1).optional().describe('Secret that the provider gave to this portal'),
  OIDC_NAME: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .default('single sign-on')
    .describe('What the button on the sign-in page calls the provider'),
  SSO_REQUIRED: flag(false).describe(
    'true: everybody signs in by the OpenID provider; a password is taken from the first administrator alone',
  ),
  STAFF_TOTP: z
    .enum(['off', 'offered', 'required'], { error: 'must be off, offered or required' })
    .optional()
    .describe('Second factor of staff; required unless PUBLIC_URL is loopback, where it is offered'),
  BREACHED_PASSWORDS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Have I Been Pwned’s SHA-1 file, sorted by hash, beside the bundled list of leaked passwords'),
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
  SECRETS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Secrets file; DATA_DIR/secrets.json unless several machines share one'),
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
  MUX_TOKEN_ID: z
    .string()
    .min(1)
    .optional()
    .describe("Mux access token's ID; with it, Mux's cloud takes the engine's place"),
  MUX_TOKEN_SECRET: z.string().min(1).optional().describe("Mux access token's secret"),
  MUX_WEBHOOK_SECRET: z.string().min(1).optional().describe("Secret of Mux's webhook endpoint"),
  MUX_BASE_URL: origin.optional().describe('Another origin that speaks the Mux API'),
  MUX_STATUS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'Status page whose notices become alerts (Statuspage’s summary.json); Mux’s own where its cloud is used',
    ),
  S3_BUCKET: z.string().min(3).optional().describe('Bucket for media, in place of DATA_DIR/media'),
  S3_REGION: z.string().min(1).default('us-east-1').describe("The bucket's region"),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe("Another S3-speaking service than Amazon's"),
  S3_PREFIX: z.string().default('').describe('Before every key in the bucket'),
  S3_ACCESS_KEY_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Access key; without it, found as the AWS tools find theirs'),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional().describe("The access key's secret"),
  S3_FORCE_PATH_STYLE: flag(true).describe(
    'https://host/bucket/key, which every service understands; false: https://bucket.host/key',
  ),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional()
    .describe('Mail by SMTP'),
  RESEND_API_KEY: z.string().min(1).optional().describe('Mail by Resend'),
  RESEND_BASE_URL: origin.optional().describe("Another origin that speaks Resend's API"),
  MAIL_FROM: z
    .string()
    .min(3)
    .default('Motion Mavericks <no-reply@portal.localhost>')
    .describe('Sender of mails'),
  ALERT_EMAIL: z
    .email('must be an e-mail address')
    .optional()
    .describe('Who is mailed alerts; the staff group operations if unset'),
  PAGERDUTY_ROUTING_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('Integration key of a PagerDuty service (Events API v2); with it, alerts page somebody'),
  PAGERDUTY_BASE_URL: origin
    .optional()
    .describe("Another origin that speaks PagerDuty's Events API, such as the EU's"),
  SLACK_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: 'must be the URL of an incoming webhook' })
    .optional()
    .describe('Incoming webhook of a Slack channel, where alerts are told; a secret'),
  SENTRY_DSN: z.url('must be a URL').optional().describe('Where errors are reported'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('Collector that metrics are sent to as well, by OTLP over HTTP (/v1/metrics below it)'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .min(1)
    .optional()
    .describe('Headers for the collector, name=value,…; a secret'),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber(1000, 3_600_000, 60_000).describe(
    'Milliseconds between two messages to the collector',
  ),
  OTEL_SERVICE_NAME: z
    .string()
    .min(1)
    .max(100)
    .default('motion-mavericks-portal')
    .describe('What the collector calls this installation'),
  FFMPEG_PATH: z.string().min(1).default('ffmpeg').describe('ffmpeg to use'),
  FFPROBE_PATH: z.string().min(1).default('ffprobe').describe('ffprobe to use'),
  MAX_UPLOAD_BYTES: wholeNumber(1024, 1024 ** 4, 50 * 1024 ** 3).describe('Largest file accepted, in bytes'),
  MAX_VIDEO_SECONDS: wholeNumber(1, 7 * 86_400, 12 * 3600).describe('Longest video accepted, in seconds'),
  PLAYBACK_TOKEN_TTL_SECONDS: wholeNumber(10, TOKEN_TTL_CEILING_SECONDS, 300).describe(
    'Life of a playback token, in seconds',
  ),
  REVOKE_PROBE_MINUTES: wholeNumber(0, 1440, 5).describe(
    'Minutes between two synthetic revokes, which measure how soon playback ends; 0: none',
  ),
  SIGNING_KEY_DAYS: wholeNumber(1, 90, 90).describe('Days after which the key that signs tokens is replaced'),
  SIGNED_PLAYBACK_ENFORCED: flag(true).describe('Must stay true: unsigned playback does not exist'),
  RATE_LIMIT_ENFORCED: flag(true).describe('false: limits are counted and reported, not enforced'),
  ADMIN_SHARE_UI_ENABLED: flag(true).describe("The administrator's share pages and routes"),
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
  CRON_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('Bearer secret of the cron routes; made if unset'),
  METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Bearer secret of /metrics; made if unset, and printed by `portal telemetry token`'),
})

type Raw = z.infer<typeof settingsSchema>
export type Settings = Readonly<
  Raw & {
    DATA_DIR: string
    PUBLIC_URL: string
    INTERNAL_URL: string
    SECRETS_FILE: string
    HOST: string
    STAFF_TOTP: 'off' | 'offered' | 'required'
    videoProvider: 'engine' | 'mux'
  }
>

/** Name, description and default of each setting, for the documentation. */
export function describeSettings(): { name: string; description: string; fallback: string }[] {
  return Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const parsed = schema.safeParse(undefined)
    return {
      name,
      description: schema.description ?? '',
      fallback: parsed.success && parsed.data !== undefined ? String(parsed.data) : '',
    }
  })
}

/** A wrong setting: each line names one and says what to set. */
export class SettingsError extends Error {
  constructor(lines: string[]) {
    super(`The portal can't start with these settings:\n${lines.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'SettingsError'
  }
}

/** Default home of all data: /var/lib for root, the user's data folder otherwise. */
export function defaultDataDir(uid = process.getuid?.() ?? 1): string {
  return uid === 0 ? '/var/lib/motion-mavericks' : join(homedir(), '.local/share/motion-mavericks')
}

/** @throws SettingsError with one line a fault */
export function loadSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in settingsSchema.shape && value !== ''),
  )
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success)
    throw new SettingsError(parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}.`))
  const raw = parsed.data
  const DATA_DIR = raw.DATA_DIR ?? defaultDataDir()
  const PUBLIC_URL = raw.PUBLIC_URL ?? `http://localhost:${raw.PORT}`
  const settings: Settings = {
    ...raw,
    DATA_DIR,
    PUBLIC_URL,
    INTERNAL_URL: raw.INTERNAL_URL ?? `http://127.0.0.1:${raw.PORT}`,
    SECRETS_FILE: raw.SECRETS_FILE ?? join(DATA_DIR, 'secrets.json'),
    STAFF_TOTP: raw.STAFF_TOTP ?? (isLoopback(PUBLIC_URL) ? 'offered' : 'required'),
    HOST: raw.HOST ?? (isLoopback(PUBLIC_URL) ? '127.0.0.1' : '0.0.0.0'),
    videoProvider: raw.MUX_TOKEN_ID ? 'mux' : 'engine',
  }
  const faults = crossFaults(settings)
  if (faults.length) throw new SettingsError(faults)
  return settings
}

function crossFaults(s: Settings): string[] {
  const faults: string[] = []
  if (s.PUBLIC_URL.startsWith('http:') && !isLoopback(s.PUBLIC_URL)) {
    faults.push(
      `PUBLIC_URL ${s.PUBLIC_URL} is plain http on another machine: browsers drop secure cookies there. Use https, or http://localhost.`,
    )
  }
  if (!s.SIGNED_PLAYBACK_ENFORCED)
    faults.push('SIGNED_PLAYBACK_ENFORCED must stay true: there is no unsigned playback to fall back to.')
  if (s.COUNTRY_HEADER && s.TRUST_PROXY === 0)
    faults.push('COUNTRY_HEADER needs TRUST_PROXY: without a proxy in front, anybody could name any country.')
  if ((s.AUDIT_WITNESSES_REQUIRED ?? 0) > s.AUDIT_WITNESSES.length)
    faults.push('AUDIT_WITNESSES_REQUIRED is more than AUDIT_WITNESSES names.')
  if (s.AUDIT_TSA_URL && !s.AUDIT_TSA_CA_FILE)
    faults.push('AUDIT_TSA_CA_FILE is missing: without it no time-stamp could be verified.')
  if (s.MUX_TOKEN_ID && !s.MUX_TOKEN_SECRET)
    faults.push('MUX_TOKEN_SECRET is missing: MUX_TOKEN_ID is set, and the two belong together.')
  if (s.MUX_TOKEN_ID && !s.MUX_WEBHOOK_SECRET)
    faults.push('MUX_WEBHOOK_SECRET is missing: without it no webhook can be verified.')
  if (s.MUX_TOKEN_ID && s.PLAYBACK_TOKEN_TTL_SECONDS > 300)
    faults.push('PLAYBACK_TOKEN_TTL_SECONDS must be at most 300 on Mux, where a revoke is bounded by it.')
  if ((s.S3_ACCESS_KEY_ID === undefined) !== (s.S3_SECRET_ACCESS_KEY === undefined))
    faults.push('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together: set both or neither.')
  if (s.CLERK_SECRET_KEY && !(s.CLERK_PUBLISHABLE_KEY && s.CLERK_JWT_KEY))
    faults.push(
      'CLERK_PUBLISHABLE_KEY and CLERK_JWT_KEY are missing: CLERK_SECRET_KEY is set, and the three belong together.',
    )
  faults.push(...oidcFaults(s))
  if (s.SMTP_URL && s.RESEND_API_KEY)
    faults.push('SMTP_URL and RESEND_API_KEY are both set: keep the one that sends your mail.')
  return faults
}

function oidcFaults(s: Settings): string[] {
  const faults: string[] = []
  const given = [s.OIDC_ISSUER, s.OIDC_CLIENT_ID, s.OIDC_CLIENT_SECRET]
  if (given.some(Boolean) && !given.every(Boolean))
    faults.push('OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together: set all three or none.')
  if (s.OIDC_ISSUER?.startsWith('http:') && !isLoopback(s.OIDC_ISSUER))
    faults.push('OIDC_ISSUER is plain http on another machine: use https.')
  if (s.OIDC_ISSUER && s.CLERK_SECRET_KEY)
    faults.push('OIDC_ISSUER and CLERK_SECRET_KEY are both set: keep the one that signs people in.')
  if (s.SSO_REQUIRED && !s.OIDC_ISSUER)
    faults.push('SSO_REQUIRED needs OIDC_ISSUER: without a provider nobody could sign in.')
  return faults
}

/** True for an origin that only this machine reaches. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\./.test(hostname)
  )
}
