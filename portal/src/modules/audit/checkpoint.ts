import { isCount } from './merkle.ts'
import { decodeBase64, type NoteSigner, type NoteVerifier, openNote, signNote } from './note.ts'

/** Head of a log: the root over its first `size` leaves. */
export type Checkpoint = { origin: string; size: number; root: Buffer }

/** C2SP tlog-checkpoint: origin, size and root as a signed note. */
export function signCheckpoint({ origin, size, root }: Checkpoint, signers: NoteSigner[]): string {
  return signNote(`${origin}\n${size}\n${root.toString('base64')}\n`, signers)
}

/**
 * The checkpoint in a note that one of the keys signed.
 * Answers null for a bad signature, another origin, or a text that is not a checkpoint.
 */
export function openCheckpoint(note: string, origin: string, known: NoteVerifier[]): Checkpoint | null {
  const opened = openNote(note, known)
  const checkpoint = opened && parseCheckpoint(opened.text)
  return checkpoint?.origin === origin ? checkpoint : null
}

function parseCheckpoint(text: string): Checkpoint | null {
  const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split('\n')
  if (!origin || !sizeLine || !rootLine || extensions.includes('')) return null
  const size = Number(sizeLine)
  const root = decodeBase64(rootLine)
  return isCount(size) && String(size) === sizeLine && root?.length === 32 ? { origin, size, root } : null
}
