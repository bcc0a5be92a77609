'use client'

import { api } from '#portal/ui/api-client.ts'
import { Dialog } from '#portal/ui/dialog.tsx'
import { Choice } from '#portal/ui/field.tsx'
import { ReasonArea, SendForm } from '#portal/ui/send-form.tsx'

export const groupWords: Record<string, string> = {
  security: 'Security',
  compliance: 'Compliance',
  finance: 'Finance',
  operations: 'Operations',
  support: 'Support',
}

export type GroupChange = { act: 'grant' | 'end'; userId: string; name: string; groups: string[] }

/** Puts a person into a group or takes them out, with the reason that the log keeps. */
export function GroupDialog({
  change,
  onClose,
  onDone,
}: {
  change: GroupChange | null
  onClose: () => void
  onDone: () => void
}) {
  const title = change?.act === 'end' ? `End a group of ${change.name}` : `Grant a group to ${change?.name}`
  return (
    <Dialog open={change !== null} onClose={onClose} title={title}>
      {change && <GroupForm {...{ change, onClose, onDone }} />}
    </Dialog>
  )
}

function GroupForm({
  change: { act, userId, groups },
  onClose,
  onDone,
}: {
  change: GroupChange
  onClose: () => void
  onDone: () => void
}) {
  return (
    <SendForm
      act={act === 'end' ? 'End it' : 'Grant it'}
      look={act === 'end' ? 'stop' : 'solid'}
      {...{ onClose, onDone }}
      send={(text) =>
        api(`/api/admin/staff/${act}`, {
          method: 'POST',
          body: { userId, group: text('group'), reason: text('reason') },
        })
      }
    >
      {(faults) => (
        <>
          <Choice label="Group" name="group" error={faults.group}>
            {groups.map((group) => (
              <option key={group} value={group}>
                {groupWords[group] ?? group}
              </option>
            ))}
          </Choice>
          <ReasonArea minLength={10} error={faults.reason} />
        </>
      )}
    </SendForm>
  )
}
