import type { Settings } from '../env.ts'
import { isLoopback } from './loopback.ts'

/** What is wrong between settings that are each right: a sentence each, which says what to set. */
export function crossFaults(s: Settings): string[] {
  const faults: string[] = []
  if (s.PUBLIC_URL.startsWith('http:') && !isLoopback(s.PUBLIC_URL)) {
    faults.push(
      `PUBLIC_URL ${s.PUBLIC_URL} is plain http on another machine: browsers drop secure cookies there. Use https, or http://localhost.`,
    )
  }
  if (!s.SIGNED_PLAYBACK_ENFORCED)
    faults.push('SIGNED_PLAYBACK_ENFORCED must stay true: there is no unsigned playback to fall back to.')
  if (s.STAGING_FIRST !== 'off' && !(s.STAGING_STATEMENT_FILE && s.STAGING_KEY))
    faults.push(
      'STAGING_FIRST needs STAGING_STATEMENT_FILE and STAGING_KEY: what staging stated, and its key.',
    )
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
  faults.push(...tlsFaults(s), ...oidcFaults(s))
  if (s.SMTP_URL && s.RESEND_API_KEY)
    faults.push('SMTP_URL and RESEND_API_KEY are both set: keep the one that sends your mail.')
  return faults
}

function tlsFaults(s: Settings): string[] {
  const faults: string[] = []
  if ((s.TLS_CERT_FILE === undefined) !== (s.TLS_KEY_FILE === undefined))
    faults.push('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both or neither.')
  if (s.TLS_CERT_FILE && s.PUBLIC_URL.startsWith('http:'))
    faults.push('PUBLIC_URL must begin with https:// where TLS_CERT_FILE is set.')
  if (s.TLS_CERT_FILE && isLoopback(s.INTERNAL_URL) && new URL(s.INTERNAL_URL).port === `${s.PORT}`)
    faults.push('INTERNAL_URL names PORT, where TLS is spoken: give it a port of its own.')
  if (s.HTTP_PORT !== undefined && !s.TLS_CERT_FILE)
    faults.push('HTTP_PORT needs TLS_CERT_FILE: without TLS here there is no https to lead to.')
  if (s.HTTP_PORT !== undefined && s.HTTP_PORT === s.PORT)
    faults.push('HTTP_PORT and PORT are the same: give plain HTTP a port of its own.')
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
