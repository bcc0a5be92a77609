import type { ShareStatus } from '#portal/modules/sharing/rules.ts'

export const statusFilters: { value: ShareStatus; label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'watching', label: 'Watching now' },
  { value: 'scheduled', label: 'Not open yet' },
  { value: 'pending_approval', label: 'Waits for approval' },
  { value: 'used_up', label: 'Used up' },
  { value: 'expired', label: 'Expired' },
  { value: 'revoked', label: 'Revoked' },
]

/** The staff's list knows two more. */
export const staffStatusFilters: typeof statusFilters = [
  ...statusFilters,
  { value: 'approved', label: 'Approved' },
  { value: 'declined', label: 'Declined' },
]

/** The status in a URL, or undefined where it is none. */
export function statusIn(value: string | undefined): ShareStatus | undefined {
  return statusFilters.find((filter) => filter.value === value)?.value
}
