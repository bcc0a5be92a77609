import { buttonClass } from '#portal/ui/button.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export function NothingHere() {
  return (
    <FrontDoor title="Nothing here" lead="This page does not exist, or it is not yours to see.">
      <a href="/" className={buttonClass('plain')}>
        Go to the start
      </a>
    </FrontDoor>
  )
}
