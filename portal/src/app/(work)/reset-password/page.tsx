import type { Metadata } from 'next'
import { ResetPasswordForm } from '#portal/modules/identity/ui/reset-password-form.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export const metadata: Metadata = { title: 'New password' }

export default function ResetPasswordPage() {
  return (
    <FrontDoor title="Choose a new password" lead="All sessions of your account end when it is set.">
      <ResetPasswordForm />
    </FrontDoor>
  )
}
