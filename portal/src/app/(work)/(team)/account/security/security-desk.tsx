'use client'

import { AuthenticatorSection } from '#portal/modules/identity/ui/authenticator-section.tsx'
import { type PasskeyItem, PasskeySection } from '#portal/modules/identity/ui/passkey-section.tsx'
import { PasswordSection } from '#portal/modules/identity/ui/password-section.tsx'
import { type SessionItem, SessionSection } from '#portal/modules/identity/ui/session-section.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'

type Account = {
  hasPassword: boolean
  staffTotp: 'off' | 'offered' | 'required'
  totpSince: string | null
  recoveryCodesLeft: number
  passkeys: PasskeyItem[]
}

/** Means of signing in, and sessions. Where another service signs people in, its own page keeps the former. */
export function SecurityDesk({ account, sessions }: { account: Account; sessions: SessionItem[] }) {
  const refresh = useReachableRefresh()
  return (
    <div className="grid grid-cols-1 gap-5">
      <AuthenticatorSection
        since={account.totpSince}
        codesLeft={account.recoveryCodesLeft}
        offered={account.staffTotp !== 'off'}
        onChanged={refresh}
      />
      {account.hasPassword && (
        <>
          <PasskeySection passkeys={account.passkeys} onChanged={refresh} />
          <PasswordSection onChanged={refresh} />
        </>
      )}
      <SessionSection sessions={sessions} onChanged={refresh} />
    </div>
  )
}
