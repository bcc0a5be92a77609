import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/**
 * A transparency log of somebody else: built from C2SP tlog-tiles, RFC 6962 and C2SP signed-note alone, sharing no code
 * with the portal's own tree, so that a mistake there is not repeated here.
 */
export type ForeignLog = {
  origin: string
  size: number
  /** Every resource by its path below the prefix. */
  files: Map<string, Buffer>
  entries: Buffer[]
  leafHashes: Buffer[]
  vkey: string
  /** The signed head over the first entries. */
  checkpoint(size?: number): string
}

const digest = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** Each row holds the hashes of complete pairs of the row below: row 8·l is tile level l. */
function rowsOver(leafHashes: Buffer[]): Buffer[][] {
  const rows = [leafHashes]
  for (let row = leafHashes; row.length > 1; ) {
    const next: Buffer[] = []
    for (let i = 0; i + 1 < row.length; i += 2) next.push(digest('\x01', row[i]!, row[i + 1]!))
    rows.push(next)
    row = next
  }
  return rows
}

/** RFC 6962 2.1, from the right end: each row gives the one hash that has no partner there. */
function rootFrom(rows: Buffer[][], size: number): Buffer {
  if (size === 0) return digest('')
  let root: Buffer | null = null
  for (let row = 0, length = size; length > 0; row += 1, length = Math.floor(length / 2)) {
    if (length % 2 === 0) continue
    const alone = rows[row]![length - 1]!
    root = root ? digest('\x01', alone, root) : alone
  }
  return root!
}

function nameOf(n: number): string {
  const parts: string[] = []
  for (let rest = n, last = true; last || rest > 0; rest = Math.floor(rest / 1000), last = false)
    parts.unshift(`${last ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`)
  return parts.join('/')
}

/** An Ed25519 key as C2SP signed-note and tlog-cosignature name it. */
export function noteKey(name: string, type: 1 | 4 = 1, pair = generateKeyPairSync('ed25519')) {
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(12)
  const key = Buffer.concat([Buffer.of(type), raw])
  const id = digest(`${name}\n`, key).subarray(0, 4)
  return {
    name,
    id,
    privateKey: pair.privateKey,
    vkey: `${name}+${id.toString('hex')}+${key.toString('base64')}`,
  }
}

export const signatureLine = (name: string, id: Buffer, signature: Buffer) =>
  `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`

/** A witness of tlog-cosignature, type 0x04: signs with the time, in seconds. */
export function foreignWitness(name: string, time = 1_800_000_000) {
  const { id, privateKey, vkey } = noteKey(name, 4)
  const cosign = (note: string): string => {
    const body = note.slice(0, note.indexOf('\n\n') + 1)
    const stamp = Buffer.alloc(8)
    stamp.writeBigUInt64BE(BigInt(time))
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${body}`), privateKey)
    return note + signatureLine(name, id, Buffer.concat([stamp, signature]))
  }
  return { name, vkey, cosign }
}

/** Another kind of signature, by type of C2SP signed-note. */
export type OtherSigner = { vkey: string; line(head: { body: string; size: number; root: Buffer }): string }

/** RFC 6962's tree head, as logs of static-ct-api sign it (type 0x05). */
export function treeHeadSigner(origin: string): OtherSigner {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' })
  const id = digest(`${origin}\n`, Buffer.of(5), digest(spki)).subarray(0, 4)
  return {
    vkey: `${origin}+${id.toString('hex')}+${Buffer.concat([Buffer.of(5), spki]).toString('base64')}`,
    line({ size, root }) {
      const stamp = Buffer.alloc(8)
      stamp.writeBigUInt64BE(1_800_000_000_000n)
      const count = Buffer.alloc(8)
      count.writeBigUInt64BE(BigInt(size))
      const signature = sign(
        'sha256',
        Buffer.concat([Buffer.of(0, 0x01), stamp, count, root]),
        pair.privateKey,
      )
      const head = Buffer.of(4, 3, signature.length >> 8, signature.length & 0xff)
      return signatureLine(origin, id, Buffer.concat([stamp, head, signature]))
    },
  }
}

/** ECDSA over the note (type 0x02), whose ID is the hash of the key alone. */
export function ecdsaSigner(name: string): OtherSigner {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' })
  const id = digest(spki).subarray(0, 4)
  return {
    vkey: `${name}+${id.toString('hex')}+${Buffer.concat([Buffer.of(2), spki]).toString('base64')}`,
    line: ({ body }) => signatureLine(name, id, sign('sha256', Buffer.from(body), pair.privateKey)),
  }
}

/** ML-DSA-44 of tlog-cosignature (type 0x06), over a structure that names signer, log and tree. */
export function mlDsaSigner(name: string, origin: string): OtherSigner {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } =
    generateKeyPairSync('ml-dsa-44')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-1312)
  const key = Buffer.concat([Buffer.of(6), raw])
  const id = digest(`${name}\n`, key).subarray(0, 4)
  const named = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])
  return {
    vkey: `${name}+${id.toString('hex')}+${key.toString('base64')}`,
    line({ size, root }) {
      const [stamp, start, end] = [Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)]
      stamp.writeBigUInt64BE(1_800_000_000n)
      end.writeBigUInt64BE(BigInt(size))
      const label = Buffer.from('subtree/v1\n\0')
      const message = Buffer.concat([label, named(name), stamp, named(origin), start, end, root])
      return signatureLine(name, id, Buffer.concat([stamp, sign(null, message, privateKey)]))
    },
  }
}

/** Builds a log over these entries, with every tile that its size asks for. */
export function foreignLog(
  entries: Buffer[],
  options: { origin?: string; extensions?: string[]; signer?: OtherSigner; strangers?: string } = {},
): ForeignLog {
  const origin = options.origin ?? 'log.example.net/granite'
  const key = noteKey(origin)
  const size = entries.length
  const leafHashes = entries.map((entry) => digest('\0', entry))
  const rows = rowsOver(leafHashes)
  const files = new Map<string, Buffer>()
  const put = (kind: string | number, n: number, width: number, bytes: Buffer) =>
    files.set(`tile/${kind}/${nameOf(n)}${width === 256 ? '' : `.p/${width}`}`, bytes)
  for (let level = 0; (rows[level * 8]?.length ?? 0) > 0; level++) {
    const row = rows[level * 8]!
    for (let n = 0; n * 256 < row.length; n++) {
      const part = row.slice(n * 256, n * 256 + 256)
      put(level, n, part.length, Buffer.concat(part))
      if (level === 0) put('entries', n, part.length, bundle(entries.slice(n * 256, n * 256 + 256)))
    }
  }
  const checkpoint = (at = size) => {
    const root = rootFrom(rows, at)
    const body = [origin, String(at), root.toString('base64'), ...(options.extensions ?? [])]
      .map((line) => `${line}\n`)
      .join('')
    const line =
      options.signer?.line({ body, size: at, root }) ??
      signatureLine(key.name, key.id, sign(null, Buffer.from(body), key.privateKey))
    return `${body}\n${options.strangers ?? ''}${line}`
  }
  files.set('checkpoint', Buffer.from(checkpoint()))
  return { origin, size, files, entries, leafHashes, vkey: options.signer?.vkey ?? key.vkey, checkpoint }
}

function bundle(entries: Buffer[]): Buffer {
  return Buffer.concat(entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 0xff), entry]))
}
