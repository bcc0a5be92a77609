'use client'

import { type FormEvent, lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { CodeInput } from '#portal/ui/code-input.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { durationInWords } from '#portal/ui/words.ts'
import type { AgreementText, OtherSignIn } from '../answers.ts'
import type { Proof } from './viewer-api.ts'

const RESEND_AFTER_SECONDS = 30

// Few links ask for an account.
const GateSignIn = lazy(async () => ({
  default: (await import('./gate-sign-in.tsx')).GateSignIn,
}))

type StepProps = {
  /** what has not happened, and what is recorded */
  foot: ReactNode
  busy: boolean
  error: string | null
  last: boolean
  run: (act: () => Promise<void>) => Promise<void>
  prove: (proof: Proof) => Promise<void>
}

function submitting(act: () => void) {
  return (event: FormEvent) => {
    event.preventDefault()
    act()
  }
}

/** Whoever is signed in passes; anybody else signs in here. */
export function AccountStep({
  foot,
  busy,
  error,
  run,
  prove,
  signIn,
}: StepProps & { signIn: OtherSignIn | null }) {
  // Whoever is signed in already passes without another word.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the card appears
  useEffect(() => void run(() => prove({})), [])
  return (
    <FrontDoor
      title="Sign in to watch"
      lead="This video was shared with people who have an account here."
      foot={foot}
    >
      <FormError>{error}</FormError>
      <Suspense>
        {busy ? <p className="text-ink-2">Looking who is signed in…</p> : <GateSignIn other={signIn} />}
      </Suspense>
    </FrontDoor>
  )
}

export function EmailStep({
  foot,
  busy,
  error,
  run,
  prove,
  email,
  setEmail,
}: StepProps & { email: string; setEmail: (value: string) => void }) {
  return (
    <FrontDoor
      title="A private video for you"
      lead="Enter the e-mail address that it was shared with. We send a six-digit code there."
      foot={foot}
    >
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={submitting(() => run(() => prove({ email: email.trim() })))}
      >
        <FormError>{error}</FormError>
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Button type="submit" look="solid" busy={busy}>
          {busy ? 'Sending…' : 'Send the code'}
        </Button>
      </form>
    </FrontDoor>
  )
}

export function CodeStep({
  foot,
  busy,
  error,
  run,
  prove,
  email,
  who,
  last,
  onOtherAddress,
}: StepProps & { email: string; who: string; onOtherAddress: () => void }) {
  const [code, setCode] = useState('')
  const [wait, setWait] = useState(RESEND_AFTER_SECONDS)
  useEffect(() => {
    const timer = setInterval(() => setWait((seconds) => Math.max(0, seconds - 1)), 1000)
    return () => clearInterval(timer)
  }, [])
  const lead = email ? (
    <>
      {who} shared a private video. If <strong className="text-ink">{email}</strong> is on their list, a
      six-digit code is on its way. It works for ten minutes, on this device.
    </>
  ) : (
    'Enter the six-digit code that we sent. It works for ten minutes, on this device.'
  )
  return (
    <FrontDoor title="Check your e-mail" lead={lead} foot={foot}>
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={submitting(() => run(() => prove({ code }).finally(() => setCode(''))))}
      >
        <FormError>{error}</FormError>
        <CodeInput
          autoFocus
          value={code}
          onChange={setCode}
          label="Six-digit code"
          invalid={error !== null}
        />
        <Button type="submit" look="solid" busy={busy} disabled={code.length < 6 && !busy}>
          {last ? 'Watch' : 'Continue'}
        </Button>
      </form>
      <div className="flex flex-wrap items-center justify-between gap-2 text-ink-2">
        <button
          type="button"
          onClick={onOtherAddress}
          className="min-h-8 rounded-chip hover:text-ink max-sm:min-h-11"
        >
          Use another address
        </button>
        {email &&
          (wait > 0 ? (
            <span>
              Send again in <span className="mono">0:{String(wait).padStart(2, '0')}</span>
            </span>
          ) : (
            <button
              type="button"
              className="min-h-8 rounded-chip hover:text-ink max-sm:min-h-11"
              onClick={() => run(() => prove({ email }).then(() => setWait(RESEND_AFTER_SECONDS)))}
            >
              Send again
            </button>
          ))}
      </div>
    </FrontDoor>
  )
}

export function PasswordStep({ foot, busy, error, run, prove, who }: StepProps & { who: string }) {
  const [password, setPassword] = useState('')
  return (
    <FrontDoor
      title="One more thing"
      lead={`${who} protected this video with a password. Ask them for it.`}
      foot={foot}
    >
      <form className="grid grid-cols-1 gap-4" onSubmit={submitting(() => run(() => prove({ password })))}>
        <FormError>{error}</FormError>
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="off"
          autoFocus
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" look="solid" busy={busy}>
          Watch
        </Button>
      </form>
    </FrontDoor>
  )
}

/** The text in full, to be scrolled on the page itself; accepting is a press, never a default. */
export function AgreementStep({
  busy,
  error,
  run,
  prove,
  last,
  who,
  agreement,
}: StepProps & { who: string; agreement: AgreementText }) {
  return (
    <FrontDoor
      title="Before you watch"
      lead={`${who} asks you to agree to this.`}
      foot={`Version ${agreement.version}. That you agreed, and when, is kept for ${who === 'Somebody' ? 'the one who shares' : who}.`}
    >
      <FormError>{error}</FormError>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="What you agree to"
        className="max-h-[40dvh] overflow-y-auto rounded-control border border-line bg-sunken px-3 py-2.5 text-sm whitespace-pre-wrap"
      >
        {agreement.text}
      </section>
      <Button look="solid" busy={busy} onClick={() => run(() => prove({ agreement: agreement.id }))}>
        {last ? 'I agree, watch' : 'I agree'}
      </Button>
    </FrontDoor>
  )
}

const TICK_MS = 1000

/** A link that opens later: says when, and lets in by itself when the time comes. */
export function OpeningStep({
  foot,
  opensAt,
  onOpen,
}: {
  foot: ReactNode
  opensAt: string
  onOpen: () => void
}) {
  const [left, setLeft] = useState<number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: one clock for one instant
  useEffect(() => {
    const tick = () => {
      const ms = Date.parse(opensAt) - Date.now()
      setLeft(Math.max(0, ms))
      if (ms > 0) return
      clearInterval(timer)
      onOpen()
    }
    const timer = setInterval(tick, TICK_MS)
    tick()
    return () => clearInterval(timer)
  }, [opensAt])
  return (
    <FrontDoor title="Not open yet" foot={foot}>
      <p className="text-ink-2">
        This video opens <Instant at={opensAt} className="font-medium text-ink" />
        {left !== null && left > 0 && `, in ${durationInWords(Math.ceil(left / 1000))}`}. You can leave this
        page open.
      </p>
    </FrontDoor>
  )
}
