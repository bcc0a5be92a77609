import type { Metadata } from 'next'
import { ForgotPasswordForm } from '#portal/modules/identity/ui/forgot-password-form.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'

export const metadata: Metadata = { title: 'Forgot the password' }

export default function ForgotPasswordPage() {
  return (
    <FrontDoor
      title="Set a new password"
      lead="A link to do so comes by mail."
      foot={
        <a href="/" className="underline">
          Back to sign in
        </a>
      }
    >
      <ForgotPasswordForm />
    </FrontDoor>
  )
}
