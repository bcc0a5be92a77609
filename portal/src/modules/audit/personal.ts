import { randomBytes } from 'node:crypto'
import type { Json } from '#portal/platform/audit-sink.ts'
import { keyedHash, seal, unseal } from '#portal/platform/crypto.ts'
import { newId } from '#portal/platform/ids.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { canonicalJson } from './canonical-json.ts'
import type { AuditEvent } from './event.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'

/** What the sealed key of a person is bound to. */
export const subjectKeyPlace = (pseudonym: string) => `audit subject ${pseudonym}`

type SubjectRow = { pseudonym: string; sealed_key: Buffer }
export type PersonalData = { [key: string]: Json }

/** Keys of persons: made at first use, sealed by a secret outside the database, destroyed to erase the person. */
export type SubjectKeys = ReturnType<typeof createSubjectKeys>

/** The two keys are secrets that the database never holds. */
export function createSubjectKeys({ hash, seal: sealKey }: Pick<Keys, 'hash' | 'seal'>) {
  const lookupOf = (subject: string) =>
    keyedHash(hash, 'audit subject', subject.normalize('NFC').trim().toLowerCase())
  const openKey = (row: SubjectRow) => unseal(sealKey, row.sealed_key, subjectKeyPlace(row.pseudonym))

  /** The person's pseudonym and key; one round trip, two where another transaction makes the key just now. */
  async function ensure(
    tx: SqlRunner,
    subject: string,
    now: Date,
  ): Promise<{ pseudonym: string; key: Buffer }> {
    const pseudonym = newId('sub')
    const values = [
      pseudonym,
      lookupOf(subject),
      seal(sealKey, randomBytes(32), subjectKeyPlace(pseudonym)),
      now,
    ]
    const [row] = await runSql<SubjectRow>(tx, ENSURE, values)
    const found = row ?? (await runSql<SubjectRow>(tx, FIND, [values[1]]))[0]
    // Erased between the two statements: the event must not name somebody who no longer has a key.
    if (!found) throw new Error('the person of this event was erased meanwhile')
    return { pseudonym: found.pseudonym, key: openKey(found) }
  }

  return {
    /** What a person's key is found by: a keyed hash. */
    lookupOf,

    /** Encrypts personal data for one event; `eventId` binds the ciphertext to it. */
    async encrypt(
      tx: SqlRunner,
      eventId: string,
      personal: { subject: string; data: PersonalData },
      now: Date,
    ) {
      const { pseudonym, key } = await ensure(tx, personal.subject, now)
      const box = seal(key, canonicalJson(personal.data), `${eventId} ${pseudonym}`)
      return { subject: pseudonym, ciphertext: box.toString('base64') }
    },

    /** Personal data of an event, or null where there is none or its person is erased. */
    async decrypt(tx: SqlRunner, event: Pick<AuditEvent, 'id' | 'personal'>): Promise<PersonalData | null> {
      if (!event.personal) return null
      const { subject, ciphertext } = event.personal
      const [row] = await runSql<SubjectRow>(tx, FIND_BY_PSEUDONYM, [subject])
      if (!row) return null
      const text = unseal(openKey(row), Buffer.from(ciphertext, 'base64'), `${event.id} ${subject}`)
      return JSON.parse(text.toString('utf8'))
    },

    /** The pseudonym under which a person stands in the log, or null. */
    async pseudonymOf(tx: SqlRunner, subject: string): Promise<string | null> {
      const [row] = await runSql<SubjectRow>(tx, FIND, [lookupOf(subject)])
      return row?.pseudonym ?? null
    },

    /** Destroys the person's key: what was encrypted under it is gone; answers the pseudonym, null where unknown. */
    async destroy(tx: SqlRunner, subject: string): Promise<string | null> {
      const [row] = await runSql<SubjectRow>(tx, DESTROY, [lookupOf(subject)])
      return row?.pseudonym ?? null
    },
  }
}

const ENSURE = `with made as (
    insert into subject_keys (pseudonym, lookup, sealed_key, created_at) values ($1, $2, $3, $4)
    on conflict (lookup) do nothing returning pseudonym, sealed_key)
  select pseudonym, sealed_key from made
  union all select pseudonym, sealed_key from subject_keys where lookup = $2`
const FIND = 'select pseudonym, sealed_key from subject_keys where lookup = $1'
const FIND_BY_PSEUDONYM = 'select pseudonym, sealed_key from subject_keys where pseudonym = $1'
const DESTROY = 'delete from subject_keys where lookup = $1 returning pseudonym, sealed_key'
