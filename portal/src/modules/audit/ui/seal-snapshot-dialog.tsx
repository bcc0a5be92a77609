'use client'

import { SNAPSHOT_MOST_ENTRIES } from '#portal/modules/audit/rules.ts'
import { api } from '#portal/ui/api-client.ts'
import { Field } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import { numberInWords } from '#portal/ui/words.ts'

/** Seals a time of the log for an incident. */
export function SealSnapshotDialog(props: { open: boolean; onClose: () => void; onDone: () => void }) {
  return (
    <SendDialog
      {...props}
      title="Seal a snapshot"
      act="Seal"
      send={(text) =>
        api('/api/admin/audit/snapshots', {
          method: 'POST',
          body: {
            incident: text('incident'),
            reason: text('reason'),
            from: instantOf(text('from')),
            to: instantOf(text('to')),
          },
        })
      }
    >
      {(faults) => (
        <>
          <Field
            label="Incident"
            name="incident"
            required
            maxLength={64}
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            autoComplete="off"
            hint="As it is called elsewhere, without spaces: INC-2026-014."
            error={faults.incident}
          />
          <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
            <Field label="From" name="from" type="datetime-local" required error={faults.from} />
            <Field label="To" name="to" type="datetime-local" required error={faults.to} />
          </div>
          <p className="text-xs text-ink-2">
            In your own time zone; {numberInWords(SNAPSHOT_MOST_ENTRIES)} events at most.
          </p>
          <ReasonArea
            hint="Kept in the log and in the snapshot: no names, no addresses."
            error={faults.reason}
          />
        </>
      )}
    </SendDialog>
  )
}

/** `datetime-local` is in the browser's own zone; what is no time goes as it is, and the answer says so. */
function instantOf(local: string): string {
  const date = new Date(local)
  return Number.isNaN(date.getTime()) ? local : date.toISOString()
}
