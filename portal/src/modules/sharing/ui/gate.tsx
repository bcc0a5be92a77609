'use client'

import { useState } from 'react'
import { ApiError, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import type { AgreementText, OtherSignIn } from '../answers.ts'
import type { Need } from '../rules.ts'
import { honestFoot } from './ended-pages.tsx'
import { AccountStep, AgreementStep, CodeStep, EmailStep, OpeningStep, PasswordStep } from './gate-steps.tsx'
import { type Proof, takeStep, type VerifyAnswer } from './viewer-api.ts'

type GateProps = {
  token: string
  needs: Need[]
  agreement: AgreementText | null
  opensAt: string | null
  /** another way to sign in, for links that ask for an account */
  signIn: OtherSignIn | null
  /** the owner sees which parts are watched */
  recorded: boolean
  /** every proof is in and the person pressed Watch */
  onWatch: () => Promise<void>
  /** everything is proved, but another device opened the link first */
  onOtherDevice: () => void
  onRefused: () => void
}

/** One card with one thing to do at a time: address, code, password, Watch. */
export function Gate({
  token,
  needs: firstNeeds,
  agreement,
  opensAt,
  signIn,
  recorded,
  onWatch,
  onOtherDevice,
  onRefused,
}: GateProps) {
  const [needs, setNeeds] = useState(firstNeeds)
  const [email, setEmail] = useState('')
  const [sharedBy, setSharedBy] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const step = needs[0] ?? 'watch'

  async function run(act: () => Promise<void>) {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await act()
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 403) return onRefused()
      setError(
        thrown instanceof ApiError && thrown.fields.email
          ? 'This is not an e-mail address.'
          : sentenceFor(thrown),
      )
    } finally {
      setBusy(false)
    }
  }

  async function prove(proof: Proof) {
    const answer: VerifyAnswer = await takeStep(token, proof)
    if (answer.otherDevice) return onOtherDevice()
    setSharedBy(answer.sharedBy)
    setNeeds(answer.needs)
    // Being signed in already is no press of Watch: the card asks for it.
    const pressed = [proof.code, proof.password, proof.agreement].some((part) => part !== undefined)
    if (pressed && answer.needs.length === 0) await onWatch()
  }

  const who = sharedBy || 'Somebody'
  const foot = <Foot who={who} recorded={recorded} />
  const parts = { foot, busy, error, run, prove, last: needs.length <= 1 }
  if (step === 'account') return <AccountStep {...parts} signIn={signIn} />
  if (step === 'email') return <EmailStep {...parts} email={email} setEmail={setEmail} />
  if (step === 'code') {
    return (
      <CodeStep
        {...parts}
        email={email}
        who={who}
        onOtherAddress={() => setNeeds(['email', 'code', ...needs.slice(1)])}
      />
    )
  }
  if (step === 'password') return <PasswordStep {...parts} who={who} />
  if (step === 'agreement' && agreement) return <AgreementStep {...parts} who={who} agreement={agreement} />
  if (step === 'opening' && opensAt)
    return (
      <OpeningStep
        foot={foot}
        opensAt={opensAt}
        onOpen={() => setNeeds(needs.filter((need) => need !== 'opening'))}
      />
    )
  return (
    <FrontDoor title="A private video for you" lead={`${who} shared a private video with you.`} foot={foot}>
      <FormError>{error}</FormError>
      <Button look="solid" busy={busy} autoFocus onClick={() => run(onWatch)}>
        {busy ? 'Starting…' : 'Watch'}
      </Button>
    </FrontDoor>
  )
}

/** Under every card: what has not happened, and what will be seen. */
function Foot({ who, recorded }: { who: string; recorded: boolean }) {
  return (
    <>
      {honestFoot}
      {recorded &&
        ` ${who === 'Somebody' ? 'Whoever shares it' : who} sees which parts you watch, and when; you can object.`}
    </>
  )
}
