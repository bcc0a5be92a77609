import type { Metadata } from 'next'
import { JoinForm } from '#portal/modules/identity/ui/join-form.tsx'
import { VendorSignIn } from '#portal/modules/identity/ui/vendor-sign-in.tsx'
import { getApp } from '#portal/platform/app.ts'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export const metadata: Metadata = { title: 'Join' }

export default function JoinPage() {
  const { settings, ports } = getApp()
  const { signInPath, beside } = ports.identity
  const path = signInPath ?? (settings.SSO_REQUIRED ? beside?.path : null)
  if (path) {
    return (
      <FrontDoor
        title="You are invited"
        lead="Sign in with the address that the invitation went to. Then you are in."
      >
        <VendorSignIn
          path={path}
          name={signInPath || !beside ? 'Continue to sign in' : `Continue with ${beside.name}`}
          outcome={undefined}
        />
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
