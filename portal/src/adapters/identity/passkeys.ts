import { passkey } from '@better-auth/passkey'

const refuseUnverified = (verified: boolean | undefined) => {
  if (!verified) throw new Error('the authenticator did not check who holds it')
}

/**
 * Passkeys (WebAuthn level 3). Each ceremony must show that the authenticator checked its holder, by PIN or biometry:
 * that makes one passkey two factors. The relying party is the public origin's host.
 */
export const passkeyPlugin = (baseUrl: string) =>
  passkey({
    rpName: 'Motion Mavericks',
    origin: baseUrl,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    advanced: { webAuthnChallengeCookie: 'passkey_challenge' },
    registration: {
      afterVerification: async ({ verification }) => {
        refuseUnverified(verification.registrationInfo?.userVerified)
      },
    },
    authentication: {
      afterVerification: async ({ verification }) => {
        refuseUnverified(verification.authenticationInfo.userVerified)
      },
    },
  })

/** Where a session begins with two factors in one. */
export const PASSKEY_SIGN_IN = '/passkey/verify-authentication'
