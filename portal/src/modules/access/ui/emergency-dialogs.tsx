'use client'

import { api } from '#portal/ui/api-client.ts'
import { Choice, Field, TextArea } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'

export type Organisation = { id: string; name: string }

const GROUPS = ['security', 'compliance', 'finance', 'operations', 'support']

/** Asks for the rights of a group, or to see one organisation's videos. */
export function AskEmergencyDialog({
  open,
  organisations,
  onClose,
  onDone,
}: {
  open: boolean
  organisations: Organisation[]
  onClose: () => void
  onDone: () => void
}) {
  async function ask(text: (name: string) => string) {
    const [kind, value] = text('what').split(':')
    const body = {
      ...(kind === 'group' ? { group: value } : { organisationId: value }),
      minutes: Number(text('minutes')),
      reason: text('reason'),
    }
    await api('/api/admin/emergency', { method: 'POST', body })
  }
  return (
    <SendDialog title="Ask for emergency access" act="Ask" send={ask} {...{ open, onClose, onDone }}>
      {(faults) => (
        <>
          <Choice label="What you need" name="what" error={faults.group}>
            <optgroup label="The rights of a group">
              {GROUPS.map((group) => (
                <option key={group} value={`group:${group}`}>
                  {group}
                </option>
              ))}
            </optgroup>
            <optgroup label="To see the videos of">
              {organisations.map(({ id, name }) => (
                <option key={id} value={`organisation:${id}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          </Choice>
          <Field
            label="Minutes"
            name="minutes"
            type="number"
            min={5}
            max={240}
            defaultValue={60}
            required
            error={faults.minutes}
          />
          <ReasonArea minLength={10} hint={undefined} error={faults.reason} />
        </>
      )}
    </SendDialog>
  )
}

/** Says whether an access that is over was right, and what that rests on. */
export function ReviewEmergencyDialog({
  id,
  onClose,
  onDone,
}: {
  id: string | null
  onClose: () => void
  onDone: () => void
}) {
  return (
    <SendDialog
      open={id}
      title="Review this access"
      act="Review"
      {...{ onClose, onDone }}
      send={(text) =>
        api(`/api/admin/emergency/${id}/review`, {
          method: 'POST',
          body: { verdict: text('verdict'), note: text('note') },
        })
      }
    >
      {(faults) => (
        <>
          <p className="text-ink-2">The audit log names every use as emergency.use, with this access’s ID.</p>
          <Choice label="It was" name="verdict">
            <option value="justified">Justified</option>
            <option value="not_justified">Not justified</option>
          </Choice>
          <TextArea label="What you looked at" name="note" required maxLength={500} error={faults.note} />
        </>
      )}
    </SendDialog>
  )
}
