import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { type KeyFile, keyFileInMemory, type StoredKey } from './key-file.ts'
import { createNoteSigner, type NoteSigner, type NoteVerifier, parseVkey, signNote } from './note.ts'

/** What anybody may know of a key that signs, or signed, heads. */
export type PublishedKey = Omit<StoredKey, 'privateKey'>

export type KeyChange = {
  reason: 'requested' | 'compromised'
  at: Date
  /** How long both keys sign, in ms; a compromised key signs no more at once. */
  overlapMs: number
  /** Size of the newest signed head. */
  size: number
}

const LOST =
  'The keys of the audit log are gone: restore audit-keys.json, beside the secrets file, from your backup.'

/** A change that can't be made any more, or not yet; the message is a sentence for people. */
export class KeyConflict extends Error {}

export type KeyRing = ReturnType<typeof createKeyRing>

/**
 * The keys of one log, outside its database. During an overlap the old key (`current`) and the new one (`next`) both
 * sign; then the old one's private half is gone. All changes are made by who leads the log (integrate.ts, lead).
 */
export function createKeyRing(origin: string, file: KeyFile, loaded: StoredKey[]) {
  let keys = loaded
  let signers = signersOf(origin, keys)
  let known = verifiersOf(keys)

  function take(next: StoredKey[]): void {
    keys = next
    signers = signersOf(origin, keys)
    known = verifiersOf(keys)
  }
  async function write(next: StoredKey[]): Promise<void> {
    await file.write(next)
    take(next)
  }

  return {
    /** Every key that has signed or signs, oldest first. */
    list: (): PublishedKey[] =>
      keys.filter(({ state }) => state !== 'pending').map(({ privateKey: _, ...published }) => published),
    /** Keys that sign heads now; the first is the current one. */
    signers: (): NoteSigner[] => signers,
    /** Keys whose signature on a head is believed. */
    known: (): NoteVerifier[] => known,

    /** Takes what another process has changed. */
    async refresh(): Promise<void> {
      const changed = await file.readIfChanged()
      if (changed) take(changed)
    },

    /** A key that nothing is signed with yet; the one of a change that broke off is taken up again. */
    async prepare(): Promise<{ vkey: string; replaces: string }> {
      const replaces = keys.find(({ state }) => state === 'current')!.vkey
      const pending = keys.find(({ state }) => state === 'pending') ?? newKey(origin)
      await write([...keys.filter(({ state }) => state !== 'pending'), pending])
      return { vkey: pending.vkey, replaces }
    },

    /** Lets the prepared key sign from now on. @throws KeyConflict where it is not the one that was prepared */
    async activate(vkey: string, change: KeyChange): Promise<void> {
      await write(activated(origin, keys, vkey, change))
    },

    /** Ends an overlap whose time has come, and seals anew what an older key sealed; `size` of the newest signed head. */
    async settle(now: Date, size: number): Promise<void> {
      const settled = afterOverlap(keys, now, size)
      if (settled || file.isSealedByOlder()) await write(settled ?? keys)
    },

    /** How many private halves an older key has sealed, in the file as it is now. */
    countSealedByOlder: () => file.countSealedByOlder(),
  }
}

/** Opens the ring; the first key is made from the installation's secret where there is no file yet. */
export async function openKeyRing(options: {
  origin: string
  seed: string | undefined
  file?: KeyFile | undefined
  clock: () => Date
}) {
  const { origin, seed, file = keyFileInMemory(), clock } = options
  const stored = await file.read()
  if (stored) return createKeyRing(origin, file, stored)
  if (seed === undefined) throw new Error(LOST)
  const first = storedKey(origin, seed, { state: 'current', since: clock().toISOString(), fromSize: 0 })
  await file.write([first])
  return createKeyRing(origin, file, [first])
}

function storedKey(origin: string, pem: string, more: Partial<StoredKey>): StoredKey {
  const { vkey } = createNoteSigner(origin, createPrivateKey(pem))
  const blank = { since: null, until: null, fromSize: null, untilSize: null, statement: null }
  return { vkey, privateKey: pem, state: 'pending', ...blank, ...more }
}

function newKey(origin: string): StoredKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return storedKey(origin, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), {})
}

function signersOf(origin: string, keys: StoredKey[]): NoteSigner[] {
  const signing = ['current', 'next'].flatMap((state) => keys.filter((key) => key.state === state))
  const signers = signing.map(({ privateKey }) => createNoteSigner(origin, createPrivateKey(privateKey!)))
  if (signers.length === 0) throw new Error(LOST)
  return signers
}

const verifiersOf = (keys: StoredKey[]) =>
  keys.filter(({ state }) => state !== 'pending').map(({ vkey }) => parseVkey(vkey))

/** A compromised key ends at once, together with one that was on its way out. */
function activated(origin: string, keys: StoredKey[], vkey: string, change: KeyChange): StoredKey[] {
  const { reason, at, overlapMs, size } = change
  const old = keys.find(({ state }) => state === 'current')
  const made = keys.find((key) => key.state === 'pending' && key.vkey === vkey)
  if (!old || !made) throw new KeyConflict('Somebody else has changed the key just now. Look at it again.')
  if (reason === 'requested' && keys.some(({ state }) => state === 'next'))
    throw new KeyConflict(
      'The last change of keys is still in its overlap. Wait for its end, or say that the key is compromised.',
    )
  const compromised = reason === 'compromised'
  const until = new Date(at.getTime() + (compromised ? 0 : overlapMs)).toISOString()
  const statement = stateChange(origin, old, made, change)
  return keys.map((key) => {
    if (key === made) {
      const state = compromised ? 'current' : 'next'
      return { ...key, state, since: at.toISOString(), fromSize: size, statement }
    }
    if (key.state !== 'current' && key.state !== 'next') return key
    if (!compromised) return { ...key, until }
    return { ...key, state: 'compromised', privateKey: null, until, untilSize: size }
  })
}

/** Lets whoever trusts the old key trust the new one; where the old one leaked, its word is worth nothing. */
function stateChange(origin: string, old: StoredKey, made: StoredKey, { reason, at }: KeyChange): string {
  const text = `${origin} key\n${made.vkey}\nreplaces ${old.vkey}\n${reason}\n${at.toISOString()}\n`
  const by = reason === 'compromised' ? [made] : [old, made]
  return signNote(
    text,
    by.map(({ privateKey }) => createNoteSigner(origin, createPrivateKey(privateKey!))),
  )
}

function afterOverlap(keys: StoredKey[], now: Date, size: number): StoredKey[] | null {
  const isOver = keys.some(
    ({ state, until }) => state === 'current' && until !== null && new Date(until) <= now,
  )
  if (!isOver) return null
  return keys.map((key) => {
    if (key.state === 'next') return { ...key, state: 'current' }
    if (key.state !== 'current') return key
    return { ...key, state: 'retired', privateKey: null, untilSize: size }
  })
}

/** Whether this PEM is the private half of a key in the ring that may not sign any more. */
export function isSpent(ring: Pick<KeyRing, 'list'>, origin: string, pem: string): boolean {
  const { vkey } = createNoteSigner(origin, createPrivateKey(pem))
  return ring.list().some((key) => key.vkey === vkey && key.state !== 'current' && key.state !== 'next')
}
