import { z } from 'zod'
import { flag, origin } from './fields.ts'

/** Who signs in, and how. */
export const identitySettings = {
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
}
