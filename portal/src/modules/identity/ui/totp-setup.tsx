'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { encode } from 'uqr'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { CodeInput } from '#portal/ui/code-input.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Skeleton } from '#portal/ui/list-states.tsx'
import { RecoveryCodeList } from './recovery-code-list.tsx'

type Begun = { secret: string; uri: string }

/** Dark squares as one path; always dark on white, which every camera reads. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 })
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code for your authenticator app"
      shapeRendering="crispEdges"
      className="size-48 justify-self-center rounded-card border border-line"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={squares.join('')} fill="#000" />
    </svg>
  )
}

/** Sets up an authenticator app: scan, show a first code, keep the recovery codes. */
export function TotpSetup({ onDone }: { onDone: () => void }) {
  const [begun, setBegun] = useState<Begun | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    let gone = false
    api<Begun>('/api/account/totp', { method: 'POST', body: {} }).then(
      (answer) => gone || setBegun(answer),
      (thrown) => gone || setError(sentenceFor(thrown)),
    )
    return () => {
      gone = true
    }
  }, [])

  async function confirm(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      const body = { code }
      const answer = await api<{ recoveryCodes: string[] }>('/api/account/totp/confirm', {
        method: 'POST',
        body,
      })
      setCodes(answer.recoveryCodes)
    } catch (thrown) {
      const wrong = thrown instanceof ApiError && thrown.status === 400
      setError(
        wrong
          ? 'This code is not right. Wait for the next one, and check your device’s clock.'
          : sentenceFor(thrown),
      )
      setCode('')
    } finally {
      setBusy(false)
    }
  }

  if (codes) return <RecoveryCodeList codes={codes} onDone={onDone} />
  return (
    <form method="post" onSubmit={confirm} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <p className="text-ink-2">
        Scan this with an authenticator app, or type the key into it. Then enter the six digits it shows.
      </p>
      {begun ? <QrCode text={begun.uri} /> : <Skeleton className="size-48 justify-self-center" />}
      {begun && <CopyField label="Key to type in" value={begun.secret} />}
      <CodeInput label="Code from the app" value={code} onChange={setCode} invalid={error !== null} />
      <Button type="submit" look="solid" busy={busy} disabled={!begun || code.length < 6}>
        Confirm
      </Button>
    </form>
  )
}
