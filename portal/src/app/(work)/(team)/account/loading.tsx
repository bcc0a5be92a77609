import { SkeletonRows } from '#portal/ui/list-states.tsx'

export default function AccountLoading() {
  return <SkeletonRows rows={6} label="Loading your account" />
}
