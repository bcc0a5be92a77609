import type { Metadata } from 'next'
import { getRecording } from '#portal/modules/analytics/set-recording.ts'
import { RecordingSection } from '#portal/modules/analytics/ui/recording-section.tsx'
import { OwnHistory } from '#portal/modules/audit/ui/history.tsx'
import { getAccount } from '#portal/modules/identity/read-account.ts'
import { AccountProfile } from '#portal/modules/identity/ui/account-profile.tsx'
import { AccountSection } from '#portal/modules/identity/ui/account-section.tsx'
import { getOwnStanding } from '#portal/modules/limits/own-standing.ts'
import { OwnLimits } from '#portal/modules/limits/ui/own-limits.tsx'
import { ask, mustBeSignedIn } from '../../../door.ts'

export const metadata: Metadata = { title: 'Your account' }

export default async function AccountPage() {
  const { role } = await mustBeSignedIn()
  const { name, email } = await ask(getAccount, {})
  return (
    <div className="grid grid-cols-1 gap-5">
      <AccountProfile name={name} email={email} />
      {role !== 'guest' && (
        <OwnLimits
          standings={(await ask(getOwnStanding, {})).items}
          className="rounded-card border border-line bg-surface p-5"
        />
      )}
      {role !== 'guest' && <RecordingSection setting={await ask(getRecording, {})} />}
      <AccountSection
        title="What is kept about you"
        lead="Why, for how long, who reads it, and whom to ask for a copy of it or to be erased."
      >
        <a
          href="/privacy"
          className="inline-flex min-h-8 items-center justify-self-start underline underline-offset-2 max-sm:min-h-11"
        >
          Privacy
        </a>
      </AccountSection>
      <OwnHistory path="/api/account/history" />
    </div>
  )
}
