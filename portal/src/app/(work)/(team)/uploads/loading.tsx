import { ListPageLoading } from '#portal/ui/list-states.tsx'

export default function UploadsLoading() {
  return <ListPageLoading label="Loading the uploads" />
}
