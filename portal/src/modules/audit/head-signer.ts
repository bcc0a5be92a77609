import type { Anchor } from './anchor.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { type Cosignature, cosign, noteText, openCosignature, parseWitnessKey } from './cosignature.ts'
import type { KeyRing } from './key-ring.ts'
import { COSIGNATURE_V1, describeKey, type NoteVerifier } from './note.ts'
import type { SqlRunner } from './sql-runner.ts'
import { readRoot, type StoredCheckpoint } from './tree-store.ts'

/** Why a head is not signed: the stored tree contradicts what was signed before. */
export type Refused = { refused: string }

export type HeadSigner = ReturnType<typeof createHeadSigner>

/**
 * Signs heads of one log, and never one that is inconsistent with a head signed before (C2SP tlog-checkpoint):
 * each is compared with the newest that this process signed or that the anchor remembers.
 */
export function createHeadSigner({
  origin,
  keys,
  anchor,
}: {
  origin: string
  keys: KeyRing
  anchor: Anchor
}) {
  let newest: { size: number; root: Buffer } | null = null
  let writing: Promise<void> = Promise.resolve()

  async function readAnchor() {
    const note = await anchor.read()
    const seen = note === null ? null : openCheckpoint(note, origin, keys.known())
    return note === null || seen ? seen : { refused: 'the remembered checkpoint is not one of this log' }
  }

  async function contradiction(runner: SqlRunner, size: number): Promise<string | null> {
    const before = newest ?? (await readAnchor())
    if (!before) return null
    if ('refused' in before) return before.refused
    if (before.size > size)
      return `the log was rolled back: ${before.size} entries were signed, ${size} are left`
    const root = await readRoot(runner, before.size).catch(() => null)
    return root?.equals(before.root)
      ? null
      : `the log was forked: its first ${before.size} entries are not those signed`
  }

  return {
    origin,

    /** Keys that verify the checkpoints of this log. */
    get known(): NoteVerifier[] {
      return keys.known()
    },

    async sign(runner: SqlRunner, size: number, signedAt: Date): Promise<StoredCheckpoint | Refused> {
      const refused = await contradiction(runner, size)
      if (refused) return { refused }
      const root = await readRoot(runner, size)
      return { size, root, note: signCheckpoint({ origin, size, root }, keys.signers()), signedAt }
    },

    /** Says that this is still the newest head, in the log's own name (C2SP tlog-cosignature). */
    async confirm(
      runner: SqlRunner,
      { size, note }: StoredCheckpoint,
      at: Date,
    ): Promise<Cosignature | Refused> {
      const refused = await contradiction(runner, size)
      return refused ? { refused } : confirmation(note, keys, at)
    },

    /** To be called once the checkpoint is committed; an older one than the newest changes nothing. */
    async remember({ size, root, note }: StoredCheckpoint): Promise<void> {
      if (newest && newest.size >= size) return
      newest = { size, root }
      // One after the other: heads signed on demand and by the clock may meet here.
      writing = writing.catch(() => {}).then(() => anchor.write(note))
      await writing
    },
  }
}

function confirmation(note: string, keys: KeyRing, at: Date): Cosignature {
  const [signer] = keys.signers()
  const key = parseWitnessKey(describeKey(signer!.name, signer!.publicKey, COSIGNATURE_V1).vkey)
  return openCosignature(cosign(noteText(note), signer!, at), noteText(note), key)!
}
