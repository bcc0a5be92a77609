'use client'

import type { ComponentProps, FormEvent, ReactNode } from 'react'
import { Button } from './button.tsx'
import { DialogActions } from './dialog.tsx'
import { FormError, TextArea } from './field.tsx'
import { useSend } from './use-send.ts'

/** The form of a dialog that sends one thing: what is wrong stands above it and at its fields, and it closes when done. */
export function SendForm({
  act,
  look = 'solid',
  send: work,
  onClose,
  onDone,
  children,
}: {
  /** on the button */
  act: string
  look?: 'solid' | 'stop'
  /** sends what was filled in; texts come trimmed */
  send: (text: (name: string) => string) => Promise<unknown>
  onClose: () => void
  onDone: () => void
  /** the fields; given what is wrong with each, by name */
  children: (faults: Record<string, string>) => ReactNode
}) {
  const { busy, error, fields, send } = useSend()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    void send(async () => {
      await work((name) => String(form.get(name) ?? '').trim())
      onDone()
      onClose()
    })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      {children(fields)}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look={look} busy={busy}>
          {act}
        </Button>
      </DialogActions>
    </form>
  )
}

/** Why: some words that the log keeps. */
export function ReasonArea(props: Partial<ComponentProps<typeof TextArea>>) {
  return (
    <TextArea
      label="Reason"
      name="reason"
      required
      minLength={3}
      maxLength={500}
      hint="Kept in the audit log."
      {...props}
    />
  )
}
