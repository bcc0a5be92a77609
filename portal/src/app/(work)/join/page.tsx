import type { Metadata } from 'next'
import { JoinForm } from '#portal/modules/identity/ui/join-form.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export const metadata: Metadata = { title: 'Join' }

export default function JoinPage() {
  return (
    <FrontDoor
      title="You are invited"
      lead="Choose the name that others see and a password. Then you are in."
    >
      <JoinForm />
    </FrontDoor>
  )
}
