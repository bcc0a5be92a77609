'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Choice, Field } from '#portal/ui/field.tsx'
import { SendDialog } from '#portal/ui/send-form.tsx'

const REASONS = [
  ['erasure_request', 'The person asks for it'],
  ['consent_withdrawn', 'The person has withdrawn their consent'],
  ['retention_over', 'Its time is over'],
] as const

/** Asks for a person's erasure; nothing goes before a second person agrees. */
export function AskErasureDialog(props: { open: boolean; onClose: () => void; onDone: () => void }) {
  const [fate, setFate] = useState('')
  return (
    <SendDialog
      {...props}
      title="Ask for an erasure"
      act="Ask"
      send={(text) =>
        api('/api/admin/privacy/erasures', {
          method: 'POST',
          body: {
            person: text('person'),
            addresses: text('addresses')
              .split(/[\s,;]+/)
              .filter(Boolean),
            reason: text('reason'),
            reference: text('reference'),
            ...(text('videos') ? { videos: text('videos') } : {}),
            ...(text('videos') === 'transfer' ? { successor: text('successor') } : {}),
          },
        })
      }
    >
      {(faults) => (
        <>
          <Field
            label="E-mail address"
            name="person"
            required
            maxLength={254}
            autoComplete="off"
            hint="Of an account, or of a guest."
            error={faults.person}
          />
          <Field
            label="Other addresses of the same person"
            name="addresses"
            autoComplete="off"
            hint="Optional, with a space between."
            error={faults.addresses}
          />
          <Field
            label="Reference"
            name="reference"
            required
            maxLength={64}
            autoComplete="off"
            hint="The number of the request, for example DSR-2026-14. It stays: no name, no address."
            error={faults.reference}
          />
          <Choice label="Why" name="reason" error={faults.reason}>
            {REASONS.map(([reason, words]) => (
              <option key={reason} value={reason}>
                {words}
              </option>
            ))}
          </Choice>
          <Choice
            label="Videos that the person owns"
            name="videos"
            value={fate}
            onChange={(event) => setFate(event.target.value)}
            error={faults.videos}
          >
            <option value="">There are none</option>
            <option value="transfer">Go to a colleague</option>
            <option value="delete">Are deleted, with their links</option>
          </Choice>
          {fate === 'transfer' && (
            <Field
              label="Colleague’s e-mail address"
              name="successor"
              required
              autoComplete="off"
              error={faults.successor}
            />
          )}
        </>
      )}
    </SendDialog>
  )
}
