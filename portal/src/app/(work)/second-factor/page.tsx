import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getOwed } from '#portal/modules/identity/read-account.ts'
import { ProveSecondFactor, SetUpSecondFactor } from '#portal/modules/identity/ui/second-factor-desk.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { ask } from '../../door.ts'

export const metadata: Metadata = { title: 'Second factor' }

export default async function SecondFactorPage() {
  const { owes, totp, passkey } = await ask(getOwed, {})
  if (!owes) redirect('/videos')
  if (owes === 'prove')
    return (
      <FrontDoor title="One more step" lead="Show that it is you: your password alone opens nothing.">
        <ProveSecondFactor totp={totp} passkey={passkey} />
      </FrontDoor>
    )
  return (
    <FrontDoor
      title="Set up a second factor"
      lead="Your account can see what others made. It needs more than a password before it goes on."
    >
      <SetUpSecondFactor />
    </FrontDoor>
  )
}
