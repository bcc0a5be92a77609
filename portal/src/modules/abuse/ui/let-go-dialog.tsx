'use client'

import { api } from '#portal/ui/api-client.ts'
import { Choice } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import type { AbuseDetection } from '../answers.ts'

/** Ends what is done about somebody, with a reason, and says how long the rule leaves them alone. */
export function LetGoDialog({
  detection,
  title,
  onClose,
  onDone,
}: {
  detection: AbuseDetection | null
  title: string | null
  onClose: () => void
  onDone: () => void
}) {
  return (
    <SendDialog
      open={detection}
      title="Let go"
      act="Let go"
      {...{ onClose, onDone }}
      send={(text, { id }) =>
        api(`/api/admin/abuse/detections/${id}/let-go`, {
          method: 'POST',
          body: { reason: text('reason'), spareHours: text('spareHours') },
        })
      }
    >
      {(faults, { subject }) => (
        <>
          <p>
            {title}, <span className="mono">{subject.slice(0, 12)}</span>: what is done about it ends at once.
          </p>
          <Choice
            label="The rule leaves them alone for"
            name="spareHours"
            defaultValue="1"
            error={faults.spareHours}
          >
            <option value="0">Not at all</option>
            <option value="1">An hour</option>
            <option value="24">A day</option>
            <option value="168">A week</option>
          </Choice>
          <ReasonArea minLength={10} error={faults.reason} />
        </>
      )}
    </SendDialog>
  )
}
