import { SignInForm } from '#portal/modules/identity/ui/sign-in-form.tsx'
import { SsoSignIn } from '#portal/modules/identity/ui/sso-sign-in.tsx'
import type { OtherSignIn } from '../answers.ts'

/** Every way to sign in that this portal offers, each of which leads back to this link. */
export function GateSignIn({ other }: { other: OtherSignIn | null }) {
  if (!other) return <SignInForm next={null} />
  const outcome = new URLSearchParams(location.search).get('sign-in') ?? undefined
  return (
    <SsoSignIn beside={other} next={location.pathname} outcome={outcome} required={other.only}>
      {other.form && <SignInForm next={null} />}
    </SsoSignIn>
  )
}
