import { equalInConstantTime } from '#portal/platform/crypto.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { acceptedMarks, isMarked, mark } from '#portal/platform/mark.ts'

const MOST_NOTES = 5
const DAY_SECONDS = 86_400
/** How long a browser in which somebody signed in is known for theirs. */
export const KNOWN_DEVICE_DAYS = 180

/** `account`: somebody has signed in to it in this browser, while it had the password that it has. `view`: this browser has begun to watch the link. */
export type NoteKind = 'account' | 'view'
/** Hashes: what is known here, and what in this browser must still be the same for it to hold. */
export type Note = { kind: NoteKind; about: string; holder: string }

/**
 * The value of a cookie that notes what this browser has proved, newest first. It opens nothing: it only keeps others' guesses
 * from being counted against whoever has proved it.
 */
export function addNote(
  keys: Keys,
  cookie: string | null,
  note: Note,
  { now, seconds }: { now: Date; seconds: number },
): string {
  const kept = (cookie ?? '').split('~').filter((entry) => entry && !entry.startsWith(`${note.about}.`))
  const body = `${note.about}.${Math.floor(now.getTime() / 1000) + seconds}`
  return [`${body}.${textOf(mark(keys, ...signedOf(note, body)))}`, ...kept].slice(0, MOST_NOTES).join('~')
}

/** Whether the cookie speaks of it at all: what must still be the same need not be looked up otherwise. */
export const mentions = (cookie: string | null, about: string) =>
  (cookie ?? '').split('~').some((entry) => entry.startsWith(`${about}.`))

/**
 * The note by its name, by which its tries are counted; null where there is none that holds. The name says nothing of when
 * it was given: whoever collects notes of the same thing has the tries of one.
 */
export function findNote(keys: Keys, cookie: string | null, note: Note, now: Date): string | null {
  for (const entry of (cookie ?? '').split('~').slice(0, MOST_NOTES)) {
    const [about, expires = '', mac = ''] = entry.split('.')
    if (about !== note.about || Number(expires) * 1000 <= now.getTime()) continue
    const signed = signedOf(note, `${about}.${expires}`)
    const fits = () => acceptedMarks(keys, ...signed).some((one) => equalInConstantTime(mac, textOf(one)))
    if (isMarked(keys, fits)) return textOf(mark(keys, `known-${note.kind}`, `${about} ${note.holder}`))
  }
  return null
}

const signedOf = ({ kind, holder }: Note, body: string) => [`known-${kind}`, `${body} ${holder}`] as const
const textOf = (hash: Buffer) => hash.subarray(0, 16).toString('base64url')

export const deviceSeconds = KNOWN_DEVICE_DAYS * DAY_SECONDS
