import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** C2SP signed-note, signature types: plain Ed25519, and with a time (tlog-cosignature). */
export const ED25519 = 0x01
export const COSIGNATURE_V1 = 0x04
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const MAX_NOTE_BYTES = 64 * 1024

/** A key that may have signed a note: its name, and the ID that the signature line carries. */
export type NoteVerifier = { name: string; keyId: number; publicKey: KeyObject }
export type NoteSigner = NoteVerifier & { privateKey: KeyObject; vkey: string }

/**
 * A signer from an Ed25519 private key.
 * @throws TypeError where the name has spaces or plus signs, or the key is of another kind
 */
export function createNoteSigner(name: string, privateKey: KeyObject): NoteSigner {
  const publicKey = createPublicKey(privateKey)
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new TypeError('a note is signed by an Ed25519 key')
  assertKeyName(name)
  return { name, ...describeKey(name, publicKey, ED25519), publicKey, privateKey }
}

/** Key ID and verifier key of an Ed25519 key that makes signatures of this type under this name. */
export function describeKey(
  name: string,
  publicKey: KeyObject,
  type: number,
): { keyId: number; vkey: string } {
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const keyId = keyIdOf(name, type, raw)
  const vkey = `${name}+${hexId(keyId)}+${Buffer.concat([Buffer.of(type), raw]).toString('base64')}`
  return { keyId, vkey }
}

/**
 * Reads a verifier key, `<name>+<key ID in hex>+<base64 of type and public key>` (C2SP signed-note, golang.org/x/mod).
 * @throws TypeError where a part is malformed or the ID is not that of the key
 */
export function parseVkey(vkey: string, type: number = ED25519): NoteVerifier {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey)
  const key = match && decodeBase64(match[3]!)
  if (!match || key?.length !== 33 || key[0] !== type)
    throw new TypeError(`not an Ed25519 verifier key of type ${type}`)
  const name = match[1]!
  assertKeyName(name)
  const raw = key.subarray(1)
  const keyId = keyIdOf(name, type, raw)
  if (hexId(keyId) !== match[2]) throw new TypeError('the ID of the verifier key is not that of its key')
  const publicKey = createPublicKey({
    key: Buffer.concat([ED25519_SPKI_PREFIX, raw]),
    format: 'der',
    type: 'spki',
  })
  return { name, keyId, publicKey }
}

/**
 * Signs a text with each signer, in order.
 * @throws TypeError where the text is empty, does not end in a newline, or holds control characters
 */
export function signNote(text: string, signers: NoteSigner[]): string {
  if (!isNoteText(text)) throw new TypeError('a note is lines of text, the last one ended')
  const lines = signers.map(({ name, keyId, privateKey }) => {
    const id = Buffer.alloc(4)
    id.writeUInt32BE(keyId)
    const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)])
    return `— ${name} ${signature.toString('base64')}\n`
  })
  return `${text}\n${lines.join('')}`
}

/**
 * The text of a note that at least one known key signed; signatures of unknown keys are ignored.
 * Answers null where the note is malformed, none of the keys signed it, or a known key's signature is wrong.
 */
export function openNote(
  note: string,
  known: NoteVerifier[],
): { text: string; signedBy: NoteVerifier[] } | null {
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES) return null
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) return null
  const text = note.slice(0, split + 1)
  const lines = note.slice(split + 2, -1).split('\n')
  if (!isNoteText(text)) return null
  const signedBy: NoteVerifier[] = []
  for (const line of lines) {
    const signature = parseSignatureLine(line)
    if (!signature) return null
    const key = known.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (!key) continue
    if (!verify(null, Buffer.from(text), key.publicKey, signature.bytes)) return null
    signedBy.push(key)
  }
  return signedBy.length > 0 ? { text, signedBy } : null
}

/** Name, key ID and bytes of one signature line, without its newline; null where it is none. */
export function parseSignatureLine(line: string): { name: string; keyId: number; bytes: Buffer } | null {
  const match = /^— ([^\s+]+) (\S+)$/u.exec(line)
  const bytes = match && decodeBase64(match[2]!)
  return match && bytes && bytes.length > 4
    ? { name: match[1]!, keyId: bytes.readUInt32BE(0), bytes: bytes.subarray(4) }
    : null
}

/** Bytes of canonical standard base64, or null: a second spelling of the same bytes would be an unseen edit. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

function keyIdOf(name: string, type: number, raw: Buffer): number {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(raw).digest().readUInt32BE(0)
}

export const hexId = (keyId: number) => keyId.toString(16).padStart(8, '0')

// No control character but the newline.
const isNoteText = (text: string) =>
  text.endsWith('\n') && text.length > 1 && Buffer.from(text).every((byte) => byte >= 0x20 || byte === 0x0a)

function assertKeyName(name: string): void {
  if (!/^[^\s+]+$/u.test(name))
    throw new TypeError('a key name is not empty and has neither spaces nor plus signs')
}
