import { constants, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Logger } from 'pino'

export type TlsFiles = { certFile: string; keyFile: string }
export type Certificate = { options: SecureContextOptions; text: string; validTo: Date }

/** Mozilla's Server Side TLS 5.7, intermediate: TLS 1.3, or 1.2 with forward secrecy and authenticated encryption. */
const SUITES = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':')

/** @throws Error with one sentence, which holds nothing of the key, where the two can't be served */
export async function readCertificate({ certFile, keyFile }: TlsFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)])
  const options: SecureContextOptions = {
    ...{ cert, key, minVersion: 'TLSv1.2', ciphers: SUITES, honorCipherOrder: false },
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
  try {
    createSecureContext(options)
    return { options, text: `${cert}\n${key}`, validTo: new X509Certificate(cert).validToDate }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new Error(`${certFile} and ${keyFile} are no certificate and its private key, both PEM (${code}).`)
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Error(`${file} can't be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** Serves a renewed certificate without a restart; one that can't be served changes nothing and is logged. */
export function watchCertificate(
  server: { setSecureContext(options: SecureContextOptions): void },
  files: TlsFiles,
  first: Certificate,
  everyMs: number,
  log: Logger,
): () => void {
  let served = first
  const look = async () => {
    try {
      const found = await readCertificate(files)
      if (found.text === served.text) return
      server.setSecureContext(found.options)
      served = found
      log.info({ validTo: found.validTo }, 'a renewed TLS certificate is served')
    } catch (error) {
      log.error({ err: error, validTo: served.validTo }, 'the TLS certificate can’t be renewed')
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
