import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'

const b64 = (bytes: Buffer) => bytes.toString('base64url')
const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest()
const USER_PRESENT = 1
const USER_VERIFIED = 4
const ATTESTED = 64

/** A CBOR byte string or text of less than 65,536 bytes (RFC 8949). */
function cbor(major: 2 | 3, data: Buffer): Buffer {
  // The shortest form of the length, as canonical CBOR wants it.
  const { length } = data
  const type = major << 5
  const long = length < 256 ? [type | 24, length] : [type | 25, length >> 8, length & 255]
  const head = Buffer.from(length < 24 ? [type | length] : long)
  return Buffer.concat([head, data])
}

/** A passkey in software (WebAuthn level 3, ES256, attestation none): what a device would answer to the portal. */
export function softwareAuthenticator(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  const rpIdHash = sha256(new URL(origin).hostname)
  const clientData = (type: string, challenge: string, at = origin) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: at, crossOrigin: false }))

  function authenticatorData(flags: number): Buffer {
    return Buffer.concat([rpIdHash, Buffer.of(flags), Buffer.alloc(4)])
  }
  const common = { id: b64(id), rawId: b64(id), type: 'public-key', clientExtensionResults: {} }

  return {
    /** Answers registration options. */
    register({ challenge }: { challenge: string }, { verified = true } = {}) {
      const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string }
      // COSE: kty EC2, alg ES256, crv P-256, x, y (RFC 9053).
      const cose = Buffer.concat([
        Buffer.from('a5010203262001', 'hex'),
        Buffer.from('21', 'hex'),
        cbor(2, Buffer.from(x, 'base64url')),
        Buffer.from('22', 'hex'),
        cbor(2, Buffer.from(y, 'base64url')),
      ])
      const flags = USER_PRESENT | ATTESTED | (verified ? USER_VERIFIED : 0)
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, cose])
      const data = Buffer.concat([authenticatorData(flags), attested])
      const attestation = Buffer.concat([
        Buffer.of(0xa3),
        ...[cbor(3, Buffer.from('fmt')), cbor(3, Buffer.from('none'))],
        ...[cbor(3, Buffer.from('attStmt')), Buffer.of(0xa0)],
        ...[cbor(3, Buffer.from('authData')), cbor(2, data)],
      ])
      const clientDataJSON = b64(clientData('webauthn.create', challenge))
      return {
        ...common,
        response: { clientDataJSON, attestationObject: b64(attestation), transports: ['internal'] },
      }
    },

    /** Answers sign-in options; `at` is the origin of the page that asks. */
    sign({ challenge }: { challenge: string }, { verified = true, at = origin } = {}) {
      const data = authenticatorData(USER_PRESENT | (verified ? USER_VERIFIED : 0))
      const client = clientData('webauthn.get', challenge, at)
      const signature = createSign('sha256').update(data).update(sha256(client)).sign(privateKey)
      return {
        ...common,
        response: {
          clientDataJSON: b64(client),
          authenticatorData: b64(data),
          signature: b64(signature),
        },
      }
    },
  }
}
