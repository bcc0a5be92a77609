import { type KeyObject, sign, verify } from 'node:crypto'
import { COSIGNATURE_V1, describeKey, type NoteVerifier, parseSignatureLine, parseVkey } from './note.ts'

/** A statement that at `time` this was the largest head that the signer had seen of the log (C2SP tlog-cosignature). */
export type Cosignature = { name: string; keyId: number; time: Date; line: string }

const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/** The line that this Ed25519 key puts below a checkpoint's text, with its newline. */
export function cosign(
  text: string,
  signer: { name: string; privateKey: KeyObject; publicKey: KeyObject },
  at: Date,
): string {
  const { keyId } = describeKey(signer.name, signer.publicKey, COSIGNATURE_V1)
  const seconds = Math.floor(at.getTime() / 1000)
  const head = Buffer.alloc(4 + TIME_BYTES)
  head.writeUInt32BE(keyId)
  head.writeBigUInt64BE(BigInt(seconds), 4)
  const signature = sign(null, messageOf(text, BigInt(seconds)), signer.privateKey)
  return `— ${signer.name} ${Buffer.concat([head, signature]).toString('base64')}\n`
}

/** A verifier key of cosignatures, signature type 0x04. @throws TypeError as parseVkey does */
export const parseWitnessKey = (vkey: string): NoteVerifier => parseVkey(vkey, COSIGNATURE_V1)

/** What a key said of a checkpoint's text in one of these lines; null where none of them is its own and right. */
export function openCosignature(lines: string, text: string, key: NoteVerifier): Cosignature | null {
  for (const line of lines.split('\n')) {
    const signature = parseSignatureLine(line)
    if (signature?.name !== key.name || signature.keyId !== key.keyId) continue
    if (signature.bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return null
    const seconds = signature.bytes.readBigUInt64BE(0)
    const isRight = verify(
      null,
      messageOf(text, seconds),
      key.publicKey,
      signature.bytes.subarray(TIME_BYTES),
    )
    // Later than any date that can be told: no clock says so.
    if (!isRight || seconds > 8_640_000_000_000n) return null
    return { name: key.name, keyId: key.keyId, time: new Date(Number(seconds) * 1000), line: `${line}\n` }
  }
  return null
}

/** The signed text of a note, with its last newline. */
export const noteText = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1)

const messageOf = (text: string, seconds: bigint) => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
