'use client'

import { Choice, TextArea } from '#portal/ui/field.tsx'
import { type RevokeReason, reasonWords } from './share-words.ts'

/** Why links are taken back: a reason of the taxonomy, and a note. */
export function ReasonFields({
  reason,
  note,
  noteHint,
  onReason,
  onNote,
}: {
  reason: RevokeReason | ''
  note: string
  noteHint: string
  onReason: (reason: RevokeReason | '') => void
  onNote: (note: string) => void
}) {
  return (
    <>
      <Choice
        label="Reason"
        value={reason}
        required
        onChange={(event) => onReason(event.target.value as RevokeReason)}
      >
        <option value="">Choose a reason</option>
        {Object.entries(reasonWords).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Choice>
      <TextArea
        label="Note"
        optional
        rows={2}
        maxLength={500}
        hint={noteHint}
        value={note}
        onChange={(event) => onNote(event.target.value)}
      />
    </>
  )
}
