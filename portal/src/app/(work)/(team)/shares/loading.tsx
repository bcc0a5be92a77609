import { ListPageLoading } from '#portal/ui/list-states.tsx'

export default function SharesLoading() {
  return <ListPageLoading label="Loading the shares" />
}
