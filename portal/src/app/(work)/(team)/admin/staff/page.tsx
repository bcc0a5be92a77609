import type { Metadata } from 'next'
import { grantGroup, listStaffGroups, listStaffReviews } from '#portal/modules/access/staff-groups.ts'
import { StaffDesk } from '#portal/modules/access/ui/staff-desk.tsx'
import { ask, mustBeAdmin } from '../../../../door.ts'

export const metadata: Metadata = { title: 'Staff groups' }

const GRANTING = new Set<string>(grantGroup.allow.groups)
const REVIEWING = new Set<string>(listStaffReviews.allow.groups)

export default async function StaffPage() {
  const { id, groups } = await mustBeAdmin()
  const reviews = groups.some((group) => REVIEWING.has(group))
  const [staff, list] = await Promise.all([
    ask(listStaffGroups, {}),
    reviews ? ask(listStaffReviews, {}) : null,
  ])
  return (
    <StaffDesk self={id} staff={staff} reviews={list} grants={groups.some((group) => GRANTING.has(group))} />
  )
}
