const HSTS = 'max-age=63072000; includeSubDomains; preload'

export type SecurityHeaderOptions = {
  /** base64 of at least 128 random bits, fresh for each response */
  nonce: string
  /** development adds what hot reloading needs and drops Trusted Types */
  dev: boolean
  /** the public origin is https: adds HSTS and upgrade-insecure-requests */
  secure: boolean
  /** other origins that media may come from: none with the embedded engine, Mux's with Mux */
  mediaOrigins?: string[]
  /** other origins that uploads go to: none with the embedded engine, Mux's storage with Mux */
  uploadOrigins?: string[]
}

function contentSecurityPolicy({
  nonce,
  dev,
  secure,
  mediaOrigins = [],
  uploadOrigins = [],
}: SecurityHeaderOptions): string {
  const upload = uploadOrigins.map((origin) => ` ${origin}`).join('')
  const media = mediaOrigins.map((origin) => ` ${origin}`).join('')
  const directives = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    // Next's development overlay writes style attributes; a nonce here would switch 'unsafe-inline' off.
    dev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:${media}`,
    `media-src 'self' blob:${media}`,
    "worker-src 'none'",
    `connect-src 'self'${media}${upload}${dev ? ' ws: wss:' : ''}`,
    "font-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  if (!dev) directives.push("require-trusted-types-for 'script'", 'trusted-types default nextjs')
  if (secure) directives.push('upgrade-insecure-requests')
  return directives.join('; ')
}

/**
 * Response headers for every page and answer of the portal, names in lower case.
 * The policy must also stand in the request handed to Next (`content-security-policy`), which then stamps the nonce
 * on its own scripts. Sources: W3C CSP level 3, Trusted Types; OWASP Secure Headers.
 */
export function securityHeaders(options: SecurityHeaderOptions): Record<string, string> {
  const headers: Record<string, string> = {
    'content-security-policy': contentSecurityPolicy(options),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'permissions-policy':
      'accelerometer=(), browsing-topics=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=(), fullscreen=(self), picture-in-picture=(self), clipboard-write=(self)',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
  }
  if (options.secure) headers['strict-transport-security'] = HSTS
  return headers
}

/**
 * Headers for an answer that is no page's: media, the engine's API, a refusal ahead of every route. A picture or a
 * video opened by itself is a page that loads itself, from here; nothing frames it.
 */
export function answerHeaders(secure: boolean): Record<string, string> {
  return {
    'content-security-policy':
      "default-src 'none'; img-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // No browser of today reads it; scanners ask for it, and where it was read, `block` was its safe form.
    'x-xss-protection': '1; mode=block',
    ...(secure ? { 'strict-transport-security': HSTS } : {}),
  }
}

/** The nonce inside a policy made by `securityHeaders`, or undefined where there is none. */
export function nonceOf(policy: string | null | undefined): string | undefined {
  return policy?.match(/'nonce-([A-Za-z0-9+/=_-]+)'/)?.[1]
}
