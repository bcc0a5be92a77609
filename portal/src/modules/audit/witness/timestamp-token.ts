import { createHash, webcrypto, X509Certificate } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const EXTENDED_KEY_USAGE = '2.5.29.37'
/** ESSCertID and ESSCertIDv2 (RFC 5035): which certificate signed. */
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'
const DIGESTS: { [oid: string]: string } = {
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as Crypto })

export type TimestampRequest = { imprint: Buffer; nonce: Buffer; der: Buffer }

/** RFC 3161 2.4.1: a request for a time-stamp over these bytes, by SHA-256. The nonce has 8 bytes. */
export function timestampRequest(data: Buffer, random: (bytes: number) => Buffer): TimestampRequest {
  const imprint = createHash('sha256').update(data).digest()
  const nonce = random(8)
  // A positive number in its shortest form.
  nonce[0] = (nonce[0]! & 0x7f) | 0x40
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({
        algorithmId: SHA256,
        algorithmParams: new asn1js.Null(),
      }),
      hashedMessage: new asn1js.OctetString({ valueHex: bytesOf(imprint) }),
    }),
    nonce: new asn1js.Integer({ valueHex: bytesOf(nonce) }),
    certReq: true,
  })
  return { imprint, nonce, der: Buffer.from(request.toSchema().toBER()) }
}

/**
 * The time that an authority's answer proves of these bytes: granted, of this imprint and nonce, signed by a
 * certificate for time-stamping alone that leads to one of `authorities` (PEM).
 * @throws Error with what is wrong
 */
export async function openTimestamp(
  response: Buffer,
  { data, nonce, authorities }: { data: Buffer; nonce?: Buffer; authorities: string },
): Promise<Date> {
  const { signed, info } = parse(response)
  const { hashAlgorithm, hashedMessage } = info.messageImprint
  const imprint = createHash('sha256').update(data).digest()
  if (
    hashAlgorithm.algorithmId !== SHA256 ||
    !imprint.equals(Buffer.from(hashedMessage.valueBlock.valueHexView))
  )
    throw new Error('it is over something else')
  if (nonce && !nonce.equals(Buffer.from(info.nonce?.valueBlock.valueHexView ?? [])))
    throw new Error('it answers another request')
  const verified = await signed
    .verify(
      {
        signer: 0,
        data: bytesOf(data),
        trustedCerts: certificatesOf(authorities),
        checkDate: info.genTime,
        checkChain: true,
        extendedMode: true,
      },
      engine,
    )
    .catch((error: { message?: string }) => ({
      signatureVerified: false,
      message: error.message,
      signerCertificate: null,
    }))
  if (!verified.signatureVerified || !verified.signerCertificate)
    throw new Error(`its signature does not hold: ${verified.message ?? 'wrong signature'}`)
  checkSigner(signed, verified.signerCertificate)
  return info.genTime
}

function parse(response: Buffer) {
  let token: pkijs.ContentInfo | undefined
  try {
    const answer = pkijs.TimeStampResp.fromBER(bytesOf(response))
    // 0: granted; 1: granted with modifications.
    if (answer.status.status > 1) throw new Error(`refused with status ${answer.status.status}`)
    token = answer.timeStampToken
  } catch (error) {
    throw new Error(`it is no time-stamp: ${(error as Error).message}`)
  }
  if (!token) throw new Error('it is no time-stamp: it has no token')
  const signed = new pkijs.SignedData({ schema: token.content })
  const content = signed.encapContentInfo.eContent
  if (signed.encapContentInfo.eContentType !== TST_INFO || !content || signed.signerInfos.length !== 1)
    throw new Error('it is no time-stamp: its content is of another kind')
  return { signed, info: pkijs.TSTInfo.fromBER(content.getValue()) }
}

/** RFC 3161 2.3: the certificate is for time-stamping and says so critically; the signature names it. */
function checkSigner(signed: pkijs.SignedData, certificate: pkijs.Certificate): void {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE)
  const purposes = (usage?.parsedValue as pkijs.ExtKeyUsage | undefined)?.keyPurposes ?? []
  if (!usage?.critical || purposes.length !== 1 || purposes[0] !== TIME_STAMPING)
    throw new Error('its certificate is not for time-stamping alone')
  const attributes = signed.signerInfos[0]!.signedAttrs?.attributes ?? []
  const named = attributes.find(({ type }) => type === SIGNING_CERTIFICATE_V2 || type === SIGNING_CERTIFICATE)
  if (!named || !namesCertificate(named, Buffer.from(certificate.toSchema().toBER())))
    throw new Error('its signature does not name its certificate')
}

/** SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF SEQUENCE { [hashAlgorithm], certHash, … } … } */
function namesCertificate({ type, values }: pkijs.Attribute, der: Buffer): boolean {
  const list = (values[0] as asn1js.Sequence | undefined)?.valueBlock.value[0] as asn1js.Sequence | undefined
  const [first, second] = (list?.valueBlock.value[0] as asn1js.Sequence | undefined)?.valueBlock.value ?? []
  const hash = first instanceof asn1js.OctetString ? first : second
  if (!(hash instanceof asn1js.OctetString)) return false
  const algorithm = first instanceof asn1js.Sequence ? String(first.valueBlock.value[0]?.valueBlock) : null
  const digest = type === SIGNING_CERTIFICATE ? 'sha1' : algorithm === null ? 'sha256' : DIGESTS[algorithm]
  if (!digest) return false
  return createHash(digest).update(der).digest().equals(Buffer.from(hash.valueBlock.valueHexView))
}

/** @throws Error where the text holds no certificate */
function certificatesOf(pem: string): pkijs.Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (!blocks) throw new Error('there is no certificate in AUDIT_TSA_CA_FILE')
  return blocks.map((block) => pkijs.Certificate.fromBER(bytesOf(new X509Certificate(block).raw)))
}

/** A copy that has its memory for itself, as WebCrypto's and the parser's types want it. */
const bytesOf = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer
