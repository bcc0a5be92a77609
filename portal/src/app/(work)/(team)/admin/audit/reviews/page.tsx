import type { Metadata } from 'next'
import { listLogReviews } from '#portal/modules/audit/grants/review-access.ts'
import { ReviewDesk } from '#portal/modules/audit/ui/review-desk.tsx'
import { ask, mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Reviews of access to the audit log' }

export default async function LogReviewsPage() {
  const person = await mustBeAdmin()
  return <ReviewDesk self={person.id} reviews={await ask(listLogReviews, {})} />
}
