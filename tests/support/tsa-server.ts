import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { listenOnFreePort } from './listen.ts'

const run = promisify(execFile)

/** A bare Debian has no `openssl`: what needs it says so and is left out there. */
export const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

export type TsaServer = {
  url: string
  folder: string
  /** Certificate that the authority's leads to, and one of somebody else. */
  caFile: string
  otherCaFile: string
  /** Changes what is answered. */
  tamper(change: ((der: Buffer) => Buffer) | null): void
  /** `openssl ts -verify`. @throws where it does not hold */
  verify(data: string, response: Buffer): Promise<string>
  stop(): Promise<void>
}

const CONFIG = `
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamps]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
serial = serial
signer_cert = stamps.pem
certs = ca.pem
signer_key = stamps.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

/** A time-stamping authority (RFC 3161) by \`openssl ts\`, over HTTP. */
export async function startTsa(): Promise<TsaServer> {
  const folder = await mkdtemp('/tmp/mm-tsa-')
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  await writeFile(join(folder, 'tsa.cnf'), CONFIG)
  await writeFile(join(folder, 'serial'), '01\n')
  const key = (name: string) => [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-config',
    'tsa.cnf',
  ]
  for (const name of ['ca', 'other'])
    await openssl(
      'req',
      '-x509',
      ...key(name),
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '30',
      '-extensions',
      'ca',
    )
  await openssl('req', '-new', ...key('stamps'), '-out', 'stamps.csr', '-subj', '/CN=stamps')
  await openssl(
    ...'x509 -req -in stamps.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out stamps.pem -extfile tsa.cnf -extensions stamps'.split(
      ' ',
    ),
  )
  let change: ((der: Buffer) => Buffer) | null = null
  let serial = 0
  const server = createServer(async (req, res) => {
    const name = `q${++serial}`
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    await writeFile(join(folder, name), Buffer.concat(chunks))
    await openssl(
      'ts',
      '-reply',
      '-queryfile',
      name,
      '-out',
      `${name}.tsr`,
      '-config',
      'tsa.cnf',
      '-section',
      'tsa',
    )
    const der = await readFile(join(folder, `${name}.tsr`))
    res.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(change ? change(der) : der)
  })
  const listening = await listenOnFreePort(server)
  return {
    url: `${listening.origin}/tsa`,
    folder,
    caFile: join(folder, 'ca.pem'),
    otherCaFile: join(folder, 'other.pem'),
    tamper(next) {
      change = next
    },
    async verify(data, response) {
      await writeFile(join(folder, 'data'), data)
      await writeFile(join(folder, 'answer'), response)
      return (await openssl('ts', '-verify', '-data', 'data', '-in', 'answer', '-CAfile', 'ca.pem')).stdout
    },
    async stop() {
      await listening.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
