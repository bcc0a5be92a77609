import type { Metadata } from 'next'
import { JoinForm } from '#portal/modules/identity/ui/join-form.tsx'
import { VendorSignIn } from '#portal/modules/identity/ui/vendor-sign-in.tsx'
import { getApp } from '#portal/platform/app.ts'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export const metadata: Metadata = { title: 'Join' }

export default function JoinPage() {
  const { signInPath } = getApp().ports.identity
  if (signInPath) {
    return (
      <FrontDoor
        title="You are invited"
        lead="Sign in with the address that the invitation went to. Then you are in."
      >
        <VendorSignIn path={signInPath} name="Continue to sign in" outcome={undefined} />
      </FrontDoor>
    )
  }
  return (
    <FrontDoor
      title="You are invited"
      lead="Choose the name that others see and a password. Then you are in."
    >
      <JoinForm />
    </FrontDoor>
  )
}
