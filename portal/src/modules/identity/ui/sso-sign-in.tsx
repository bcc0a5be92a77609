import type { ReactNode } from 'react'
import { VendorSignIn } from './vendor-sign-in.tsx'

/** Sign-in by an OpenID provider beside our own form, or before it where everybody but one must use the provider. */
export function SsoSignIn({
  beside,
  next,
  outcome,
  required,
  children,
}: {
  beside: { path: string; name: string }
  next: string
  outcome: string | undefined
  required: boolean
  children: ReactNode
}) {
  const path = `${beside.path}?next=${encodeURIComponent(next)}`
  const name = `Continue with ${beside.name}`
  return (
    <div className="grid grid-cols-1 gap-4">
      <VendorSignIn path={path} name={name} outcome={outcome} look={required ? 'solid' : 'plain'} />
      {!children ? null : required ? (
        <details>
          <summary className="min-h-6 text-sm text-ink-2">First administrator?</summary>
          <p className="py-2 text-sm text-ink-2">
            Everybody signs in by {beside.name}. If that fails, the first administrator alone gets in here.
          </p>
          {children}
        </details>
      ) : (
        <>
          <p className="text-center text-sm text-ink-2">or</p>
          {children}
        </>
      )}
    </div>
  )
}
