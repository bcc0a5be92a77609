import Link from 'next/link'
import { buttonClass } from '#portal/ui/button.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export default function NotFound() {
  return (
    <FrontDoor title="Nothing here" lead="This page does not exist, or it is not yours to see.">
      <Link href="/" className={buttonClass('plain')}>
        Go to the start
      </Link>
    </FrontDoor>
  )
}
