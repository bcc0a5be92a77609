'use client'

import type { ComponentProps, FormEvent, ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog, DialogActions } from './dialog.tsx'
import { FormError, TextArea } from './field.tsx'
import { useSend } from './use-send.ts'

type Form = {
  /** on the button */
  act: string
  look?: 'solid' | 'stop'
  onClose: () => void
  onDone: () => void
}

/** What was filled in, by name; trimmed. */
type Text = (name: string) => string
/** What is wrong with each field, by name. */
type Faults = Record<string, string>

/** A dialog that sends one thing: what is wrong stands above its fields and at them, and it closes when done. */
export function SendDialog<T>({
  open,
  title,
  send,
  children,
  ...form
}: Form & {
  /** what it is about, which `send` and the fields are given; null or false keeps it closed */
  open: T | null | false
  title: ReactNode
  send: (text: Text, about: T) => Promise<unknown>
  /** the fields */
  children: (faults: Faults, about: T) => ReactNode
}) {
  const isOpen = open !== null && open !== false
  return (
    <Dialog open={isOpen} onClose={form.onClose} title={title}>
      {isOpen && (
        <SendForm {...form} send={(text) => send(text, open)}>
          {(faults) => children(faults, open)}
        </SendForm>
      )}
    </Dialog>
  )
}

/** The form of such a dialog, where the dialog holds more. */
export function SendForm({
  act,
  look = 'solid',
  send: work,
  onClose,
  onDone,
  children,
}: Form & {
  send: (text: Text) => Promise<unknown>
  children: (faults: Faults) => ReactNode
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
