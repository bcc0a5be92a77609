import { ApiError, api } from '#portal/ui/api-client.ts'

/** Whether this browser knows passkeys and can read their options as JSON (WebAuthn level 3). */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && 'parseCreationOptionsFromJSON' in PublicKeyCredential
}

/** Whether passkeys can be offered in the list of a field's suggestions. */
export async function canSuggestPasskeys(): Promise<boolean> {
  return hasPasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false)
}

/** Makes a passkey on this device or a key, and keeps it in the account. */
export async function addPasskey(name: string): Promise<void> {
  const options = await api<PublicKeyCredentialCreationOptionsJSON>(
    '/api/auth/passkey/generate-register-options',
  )
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const made = await navigator.credentials.create({ publicKey })
  await api('/api/auth/passkey/verify-registration', {
    method: 'POST',
    body: { name, response: asJson(made) },
  })
}

/**
 * Signs in with a passkey; with `suggest`, waits until one is chosen from a field's suggestions. Gives what the new
 * session still owes.
 */
export async function signInWithPasskey(
  options: { suggest?: boolean; signal?: AbortSignal } = {},
): Promise<{ owes: string | null }> {
  const asked = await api<PublicKeyCredentialRequestOptionsJSON>(
    '/api/auth/passkey/generate-authenticate-options',
  )
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({
    ...asked,
    userVerification: 'required',
  })
  const shown = await navigator.credentials.get({
    publicKey,
    ...(options.suggest ? { mediation: 'conditional' as const } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  return await api('/api/auth/passkey/verify-authentication', {
    method: 'POST',
    body: { response: asJson(shown) },
  })
}

function asJson(credential: Credential | null): unknown {
  return (credential as PublicKeyCredential | null)?.toJSON()
}

/** What to tell a person when a ceremony did not work out; null where they closed it themselves. */
export function passkeySentence(error: unknown): string | null {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'AbortError') return null
  if (name === 'InvalidStateError') return 'This device has a passkey of your account already.'
  if (error instanceof ApiError && error.status !== 400 && error.status !== 401) return error.message
  return 'This passkey did not work here. Try another one, or sign in another way.'
}
