import { admitPerson } from '#portal/modules/identity/admit-person.ts'
import { tellVendor } from '#portal/modules/identity/tell-vendor.ts'
import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { createApiKey } from './create-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'
import { revokeApiKey } from './revoke-api-key.ts'

/** Keys, people and rights, beside one's own account. */
export const accessOperations: readonly AnyOperation[] = [
  createApiKey,
  listApiKeys,
  revokeApiKey,
  admitPerson,
]

export const accessJobs: readonly AnyJob[] = [tellVendor]
