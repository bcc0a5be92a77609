'use client'

import { api } from '#portal/ui/api-client.ts'
import { Choice } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'

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
  const ends = change?.act === 'end'
  return (
    <SendDialog
      open={change}
      title={ends ? `End a group of ${change.name}` : `Grant a group to ${change?.name}`}
      act={ends ? 'End it' : 'Grant it'}
      look={ends ? 'stop' : 'solid'}
      {...{ onClose, onDone }}
      send={(text, { act, userId }) =>
        api(`/api/admin/staff/${act}`, {
          method: 'POST',
          body: { userId, group: text('group'), reason: text('reason') },
        })
      }
    >
      {(faults, { groups }) => (
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
    </SendDialog>
  )
}
