import { redirect } from 'next/navigation'
import { SignInForm } from '#portal/modules/identity/ui/sign-in-form.tsx'
import { SsoSignIn } from '#portal/modules/identity/ui/sso-sign-in.tsx'
import { VendorSignIn } from '#portal/modules/identity/ui/vendor-sign-in.tsx'
import { getApp } from '#portal/platform/app.ts'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { oneOf, self } from '../door.ts'

/** A path of this portal, never another site's. */
function pathWithin(next: string | string[] | undefined): string {
  return typeof next === 'string' && /^\/(?![/\\])[\w\-./?=&%]*$/.test(next) ? next : '/videos'
}

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const search = await searchParams
  const next = pathWithin(search.next)
  const { settings, ports } = getApp()
  const { signInPath, beside } = ports.identity
  const outcome = oneOf(search['sign-in'])
  if (await self()) redirect(next)
  return (
    <FrontDoor
      title="Sign in"
      lead="Share confidential video, take it back within a second, and prove afterwards who watched."
      foot={
        signInPath ? undefined : (
          <details>
            <summary className="min-h-6 font-medium text-ink">First time here?</summary>
            <p className="pt-1.5">
              The first administrator’s e-mail and password were printed in the terminal at the first start.
              Started without a terminal, they lie in the file{' '}
              <code className="mono text-ink">first-password.txt</code> in the portal’s data folder, until the
              first sign-in. Everybody else comes by invitation.
            </p>
          </details>
        )
      }
    >
      {signInPath ? (
        <VendorSignIn path={signInPath} name="Continue to sign in" outcome={outcome} />
      ) : beside ? (
        <SsoSignIn beside={beside} next={next} outcome={outcome} required={settings.SSO_REQUIRED}>
          <SignInForm next={next} />
        </SsoSignIn>
      ) : (
        <SignInForm next={next} />
      )}
    </FrontDoor>
  )
}
