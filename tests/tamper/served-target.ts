import { createPrivateKey } from 'node:crypto'
import { createNoteSigner, type NoteSigner, signNote } from '../../portal/src/modules/audit/note.ts'
import { verifyLog } from '../../portal/src/modules/audit/verifier.mjs'
import { newSigningKey, signedOnce } from '../support/audit-log.ts'
import { type ForeignLog, foreignLog, foreignWitness, type OtherSigner } from '../support/foreign-log.ts'
import type { Random } from '../support/random.ts'
import type { Target } from './target.ts'

/** What a log serves, by path. */
export type Served = ReadonlyMap<string, Buffer>

type Scene = {
  served: Served
  /** Builds another log over these entries, signed by the key and cosigned by the witnesses given. */
  build(entries: Buffer[], signer: NoteSigner, cosign?: (note: string) => string): Served
  signer: NoteSigner
  entries: Buffer[]
  cosign(note: string): string
  /** The cosigned head of an earlier, smaller log. */
  older: Buffer
}

type ServedTampering = (scene: Scene, random: Random) => Served

const pathOf = ({ served }: Scene, random: Random, pattern = /./) =>
  random.pick([...served.keys()].filter((path) => pattern.test(path)))

/** One file changed, the others as they are. */
const onOne =
  (pattern: RegExp, change: (bytes: Buffer, random: Random) => Buffer): ServedTampering =>
  (scene, random) => {
    const path = pathOf(scene, random, pattern)
    return new Map(scene.served).set(path, change(scene.served.get(path)!, random))
  }

const A_BYTE = (bytes: Buffer, random: Random) => {
  const copy = Buffer.from(bytes)
  copy[random.below(copy.length)]! ^= 1 + random.below(255)
  return copy
}
const A_BYTE_LESS = (bytes: Buffer, random: Random) => {
  const at = random.below(bytes.length)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
}
const A_BYTE_MORE = (bytes: Buffer, random: Random) => {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), Buffer.of(random.below(256)), bytes.subarray(at)])
}
const CUT_OFF = (bytes: Buffer, random: Random) => bytes.subarray(0, random.below(bytes.length))

/** Exchanges two of the pieces that a file is made of. */
const exchanged = (piecesOf: (bytes: Buffer) => Buffer[]) => (bytes: Buffer, random: Random) => {
  const pieces = piecesOf(bytes)
  const [a, b] = [random.below(pieces.length), random.below(pieces.length)]
  return Buffer.concat(pieces.with(a, pieces[b]!).with(b, pieces[a]!))
}
const hashesOf = (bytes: Buffer) =>
  Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32))
function entriesOf(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieces.at(-1)!.length)
    pieces.push(bytes.subarray(at, at + 2 + bytes.readUInt16BE(at)))
  return pieces
}

const forged = (entries: Buffer[], random: Random) => {
  const at = random.below(entries.length)
  const text = entries[at]!.toString().replace(
    /"requestId":"[^"]*"/,
    `"requestId":"req_${random.below(1e9)}"`,
  )
  return entries.with(at, Buffer.from(text))
}
const impostor = ({ name }: NoteSigner) => createNoteSigner(name, createPrivateKey(newSigningKey()))

/** The checkpoint that is served replaced, with all the rest of another log behind it. */
const SERVED_TAMPERINGS: Record<string, ServedTampering> = {
  'a byte of a hash tile': onOne(/^tile\/\d/, A_BYTE),
  'a byte of an entry bundle': onOne(/^tile\/entries/, A_BYTE),
  'a byte of the checkpoint': onOne(/^checkpoint$/, A_BYTE),
  'a byte deleted': onOne(/./, A_BYTE_LESS),
  'a byte inserted': onOne(/./, A_BYTE_MORE),
  'a file cut off': onOne(/./, CUT_OFF),
  'two hashes of a tile swapped': onOne(/^tile\/\d/, exchanged(hashesOf)),
  'two entries of a bundle swapped': onOne(/^tile\/entries/, exchanged(entriesOf)),
  'a file deleted': (scene, random) => {
    const gone = pathOf(scene, random)
    return new Map([...scene.served].filter(([path]) => path !== gone))
  },
  'two files swapped': (scene, random) => {
    const [a, b] = [pathOf(scene, random), pathOf(scene, random)]
    return new Map(scene.served).set(a, scene.served.get(b)!).set(b, scene.served.get(a)!)
  },
  'an older checkpoint': ({ served, older }) => new Map(served).set('checkpoint', older),
  'rolled back, signed and cosigned': ({ entries, build, signer, cosign }, random) =>
    build(entries.slice(0, random.below(entries.length)), signer, cosign),
  'signed anew by a wrong key': ({ entries, build, signer, cosign }) =>
    build(entries, impostor(signer), cosign),
  'an entry forged, signed by a wrong key': ({ entries, build, signer, cosign }, random) =>
    build(forged(entries, random), impostor(signer), cosign),
  'a fork under the right key that no witness saw': ({ entries, build, signer }, random) =>
    build(forged(entries, random), signer),
  'a fork under the right key and the witnesses of another head': (scene, random) => {
    const { entries, build, signer, served } = scene
    const lines = served.get('checkpoint')!.toString().split('\n').slice(-3)
    return build(forged(entries, random), signer, (note) => note + lines.join('\n'))
  },
  'a fork under the right key, cosigned, behind the old checkpoint': (
    { entries, build, signer, cosign },
    random,
  ) => build(forged(entries.slice(0, 250), random).concat(entries.slice(250)), signer, cosign),
  'another log': ({ entries, build, cosign }) =>
    build(entries, createNoteSigner('portal.example/other', createPrivateKey(newSigningKey())), cosign),
}

const asSigner = (signer: NoteSigner): OtherSigner => ({
  vkey: signer.vkey,
  line: ({ body }) => signNote(body, [signer]).slice(body.length + 1),
})

/**
 * What the log serves over HTTP (C2SP tlog-tiles), with two witnesses whose cosignatures are asked for, and an old
 * checkpoint that the auditor kept. Forged logs come from an independent builder.
 */
export function servedTarget(served: Served, signer: NoteSigner, entries: Buffer[]): Target {
  const witnesses = [foreignWitness('w1.example'), foreignWitness('w2.example')] as const
  const cosign = (note: string) => witnesses[1].cosign(witnesses[0].cosign(note))
  const build: Scene['build'] = (over, by, also = (note) => note) => {
    const log: ForeignLog = foreignLog(over, { origin: by.name, signer: asSigner(by) })
    return log.files.set('checkpoint', Buffer.from(also(log.checkpoint())))
  }
  const head = cosign(signedOnce(served.get('checkpoint')!.toString()))
  const original = new Map(served).set('checkpoint', Buffer.from(head))
  const older = build(entries.slice(0, 100), signer, cosign).get('checkpoint')!
  const scene: Scene = { served: original, build, signer, entries, cosign, older }
  const options = {
    vkeys: [signer.vkey],
    witnesses: witnesses.map(({ vkey }) => vkey),
    oldCheckpoint: head,
  }
  return {
    name: 'served',
    kinds: Object.keys(SERVED_TAMPERINGS),
    async attempt(kind, random) {
      const copy = kind === null ? original : SERVED_TAMPERINGS[kind]!(scene, random)
      const isSame =
        copy.size === original.size && [...copy].every(([path, bytes]) => original.get(path)?.equals(bytes))
      const report = await verifyLog(async (path) => copy.get(path) ?? null, options)
      return { changed: !isSame, found: !report.ok }
    },
  }
}
