import Link from 'next/link'
import { buttonClass } from '#portal/ui/button.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'

export default function NotFoundInside() {
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Nothing here" />
      <EmptyState
        title="This page does not exist, or it is not yours to see"
        action={
          <Link href="/videos" className={buttonClass('plain')}>
            Go to the videos
          </Link>
        }
      />
    </div>
  )
}
