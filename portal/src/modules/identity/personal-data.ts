import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const identityData: readonly TableData[] = [
  {
    table: 'users',
    label: 'sensitive',
    of: 'account',
    holds: 'accounts',
    replaced: {
      name: '“Erased person”',
      email: 'an address that leads nowhere',
      image: 'nothing',
      email_verified: 'false',
    },
    pseudonyms: 'id',
    other: 'created_at updated_at',
  },
  {
    table: 'members',
    label: 'sensitive',
    of: 'account',
    holds: 'who belongs where, in which role',
    replaced: { role: 'guest', staff_groups: 'none' },
    pseudonyms: 'user_id',
    kept: {
      organisation_id: 'which organisation the pseudonym belonged to: evidence of rights that were given',
    },
    other: 'created_at deactivated_at erased_at',
  },
  {
    table: 'sessions',
    label: 'sensitive',
    of: 'account',
    holds: 'sessions',
    deleted:
      'id user_id token expires_at ip_address user_agent created_at updated_at device_label last_seen_at second_factor_at vendor_session proved_at',
  },
  {
    table: 'accounts',
    label: 'sensitive',
    of: 'account',
    holds: 'passwords, and links to other identity services',
    deleted:
      'id user_id account_id provider_id access_token refresh_token id_token access_token_expires_at refresh_token_expires_at scope password created_at updated_at',
  },
  {
    table: 'verifications',
    label: 'sensitive',
    of: 'both',
    holds: 'tokens on their way by mail',
    deleted: 'id identifier value expires_at created_at updated_at',
  },
  {
    table: 'invitations',
    label: 'sensitive',
    of: 'both',
    holds: 'invitations',
    deleted:
      'id token_hash email organisation_id role created_at expires_at accepted_at withdrawn_at sent_at sends',
    pseudonyms: 'invited_by',
  },
  {
    table: 'totp_factors',
    label: 'sensitive',
    of: 'account',
    holds: 'authenticator apps',
    deleted: 'user_id secret_sealed created_at confirmed_at last_step',
  },
  {
    table: 'recovery_codes',
    label: 'sensitive',
    of: 'account',
    holds: 'recovery codes',
    deleted: 'user_id code_hash used_at',
  },
  {
    table: 'passkeys',
    label: 'sensitive',
    of: 'account',
    holds: 'passkeys',
    deleted:
      'id name user_id public_key credential_id counter device_type backed_up transports aaguid created_at',
  },
  {
    table: 'account_proofs',
    label: 'sensitive',
    of: 'both',
    holds: 'codes and links on their way by mail',
    deleted: 'id purpose email_sealed secret_hash user_id present_hash attempts created_at expires_at',
  },
  {
    table: 'former_addresses',
    label: 'sensitive',
    of: 'account',
    holds: 'addresses that somebody had before',
    deleted: 'id user_id address_sealed changed_at',
  },
  {
    table: 'organisations',
    label: 'sensitive',
    of: 'nobody',
    holds: 'organisations',
    kept: {
      name: 'of an organisation, which goes on without the person; an administrator renames it where it is one’s own name',
    },
    other: 'id region created_at',
    unread: 'an organisation’s name is its own',
  },
]
