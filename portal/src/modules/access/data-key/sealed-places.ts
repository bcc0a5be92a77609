import { OUTBOX_PLACE } from '#portal/adapters/mail/port.ts'
import { subjectKeyPlace } from '#portal/modules/audit/personal.ts'
import { ACCOUNT_MAIL_BOX } from '#portal/modules/identity/account-mail-job.ts'
import { addressPlace } from '#portal/modules/identity/account-proofs.ts'
import { totpPlace } from '#portal/modules/identity/check-second-factor.ts'
import { formerAddressPlace } from '#portal/modules/identity/former-addresses.ts'
import { MAIL_BOX } from '#portal/modules/notifications/jobs.ts'
import { keyPlace } from '#portal/modules/playback/signing-key.ts'
import { erasurePlace } from '#portal/modules/privacy/erased-person.ts'
import { emailPlace } from '#portal/modules/sharing/load-share.ts'
import { uploadUrlPlace } from '#portal/modules/uploads/start-upload.ts'

/** A column of boxes: what its row is found by, and what each box is bound to. */
export type SealedColumn = { table: string; id: string; column: string; place: (id: string) => string }

/** Every column that lies sealed by the data key. A test holds the list against the database. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'subject_keys', id: 'pseudonym', column: 'sealed_key', place: subjectKeyPlace },
  { table: 'signing_keys', id: 'id', column: 'private_key_sealed', place: keyPlace },
  { table: 'totp_factors', id: 'user_id', column: 'secret_sealed', place: totpPlace },
  { table: 'account_proofs', id: 'id', column: 'email_sealed', place: addressPlace },
  { table: 'former_addresses', id: 'id', column: 'address_sealed', place: formerAddressPlace },
  { table: 'viewer_sessions', id: 'id', column: 'email_sealed', place: emailPlace },
  { table: 'uploads', id: 'id', column: 'upload_url', place: uploadUrlPlace },
  { table: 'erasures', id: 'id', column: 'person_sealed', place: erasurePlace },
  { table: 'mail_outbox', id: 'id', column: 'sealed', place: () => OUTBOX_PLACE },
]

/** Jobs whose payload has a box under `sealed`, and what it is bound to. */
export const SEALED_JOBS: Readonly<Record<string, (payload: Record<string, unknown>) => string>> = {
  'mail.send': ({ idempotencyKey }) => `${MAIL_BOX}:${idempotencyKey}`,
  'identity.mail-proof': ({ proofId }) => `${ACCOUNT_MAIL_BOX}:${proofId}`,
}
