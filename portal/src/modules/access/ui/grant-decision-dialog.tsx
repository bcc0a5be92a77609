'use client'

import { api } from '#portal/ui/api-client.ts'
import { Choice } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import { groupWords } from './group-dialog.tsx'

export type Grant = { reviewId: string; userId: string; name: string | null; group: string }

/** Keeps or ends one grant under review, and says what that rests on. */
export function GrantDecisionDialog({
  grant,
  onClose,
  onDone,
}: {
  grant: Grant | null
  onClose: () => void
  onDone: () => void
}) {
  return (
    <SendDialog
      open={grant}
      title={
        grant && `${grant.name ?? 'No administrator any more'}: ${groupWords[grant.group] ?? grant.group}`
      }
      act="Decide"
      {...{ onClose, onDone }}
      send={(text, { reviewId, userId, group }) =>
        api(`/api/admin/staff/reviews/${reviewId}`, {
          method: 'POST',
          body: { userId, group, decision: text('decision'), evidence: text('evidence') },
        })
      }
    >
      {(faults) => (
        <>
          <Choice label="Decision" name="decision" error={faults.decision}>
            <option value="keep">Keep: they still need it</option>
            <option value="revoke">End: they leave the group now</option>
          </Choice>
          <ReasonArea
            label="Evidence"
            name="evidence"
            hint="Who confirmed the need, or where it is written."
            error={faults.evidence}
          />
        </>
      )}
    </SendDialog>
  )
}
