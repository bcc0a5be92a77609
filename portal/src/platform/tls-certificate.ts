import { constants, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/**
 * Mozilla's “intermediate” of Server Side TLS 5.7: TLS 1.2 with forward secrecy and authenticated encryption, or 1.3. No
 * order of ours: whoever has no AES in hardware may prefer ChaCha20. No renegotiation, which costs us more than them.
 */
const MODERN: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  honorCipherOrder: false,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
}

export type TlsFiles = { certFile: string; keyFile: string }
export type TlsCertificate = { options: SecureContextOptions; validTo: Date; text: string }

/**
 * A certificate (with what leads to its root behind it) and its private key, both PEM, fit to be served.
 * @throws Error with one sentence that holds nothing of the key
 */
export async function readCertificate({ certFile, keyFile }: TlsFiles): Promise<TlsCertificate> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)])
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(cert)
  } catch {
    throw new Error(`${certFile} is no certificate in PEM.`)
  }
  const options = { ...MODERN, cert, key }
  try {
    createSecureContext(options)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new Error(`${keyFile} is not the private key (PEM) of ${certFile} (${code}).`)
  }
  return { options, validTo: certificate.validToDate, text: `${cert}\n${key}` }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Error(`${file} can't be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

export type TlsTrouble = { reason: 'unreadable' | 'expires'; summary: string; days: number }
/** Renewals come a month ahead: two weeks before the end none has come. */
const WARN_DAYS = 14
const DAY_MS = 86_400_000

export type CertificateWatch = { look(): Promise<void>; stop(): void }

/**
 * Looks for a renewed certificate and serves it to whoever connects from then on. One that can't be served changes
 * nothing, and is told, as is one that is about to end.
 */
export function watchCertificate(options: {
  server: { setSecureContext(options: SecureContextOptions): void }
  files: TlsFiles
  served: TlsCertificate
  everyMs: number
  clock: () => Date
  onRenewed: (validTo: Date) => void
  onTrouble: (trouble: TlsTrouble | null) => void
}): CertificateWatch {
  const { server, files, everyMs, clock, onRenewed, onTrouble } = options
  let { served } = options
  // A renewal writes two files: one failure may be the moment between them.
  let failed = false
  const daysLeft = () => Math.floor((served.validTo.getTime() - clock().getTime()) / DAY_MS)
  const look = async () => {
    try {
      const found = await readCertificate(files)
      if (found.text !== served.text) {
        server.setSecureContext(found.options)
        served = found
        onRenewed(served.validTo)
      }
      failed = false
      const days = daysLeft()
      onTrouble(days >= WARN_DAYS ? null : { reason: 'expires', summary: endsIn(days), days })
    } catch (error) {
      if (!failed) {
        failed = true
        return
      }
      const days = daysLeft()
      const summary = `The renewed TLS certificate can't be used: ${(error as Error).message} The old one is served.`
      onTrouble({ reason: 'unreadable', summary, days })
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return { look, stop: () => clearInterval(timer) }
}

const endsIn = (days: number) =>
  days < 0
    ? 'The TLS certificate has ended: browsers refuse it.'
    : `The TLS certificate ends in ${days} days.`
