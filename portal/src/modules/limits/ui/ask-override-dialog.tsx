'use client'

import { api } from '#portal/ui/api-client.ts'
import { Dialog } from '#portal/ui/dialog.tsx'
import { Choice, Field } from '#portal/ui/field.tsx'
import { ReasonArea, SendForm } from '#portal/ui/send-form.tsx'
import { LIMIT_CLASSES, type LimitClass, takesOverrides } from '../rules.ts'

const CLASSES = (Object.keys(LIMIT_CLASSES) as LimitClass[]).filter(takesOverrides)
const HOUR_MS = 3_600_000

/** Asks for a higher limit: for oneself, or by ID for somebody or something. */
export function AskOverrideDialog({
  open,
  path,
  onClose,
  onDone,
}: {
  open: boolean
  path: '/api/limits/overrides' | '/api/admin/limits/overrides'
  onClose: () => void
  onDone: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title="Ask for a higher limit">
      <SendForm
        act="Ask"
        {...{ onClose, onDone }}
        send={(text) =>
          api(path, {
            method: 'POST',
            body: {
              class: text('class'),
              quota: text('quota'),
              reason: text('reason'),
              expiresAt: new Date(Date.now() + Number(text('hours')) * HOUR_MS).toISOString(),
              ...(text('kind') === 'self' ? {} : { subject: { kind: text('kind'), id: text('id') } }),
            },
          })
        }
      >
        {(faults) => (
          <>
            <Choice label="Of what" name="class" defaultValue="upload" error={faults.class}>
              {CLASSES.map((name) => (
                <option key={name} value={name}>
                  {LIMIT_CLASSES[name].title}
                </option>
              ))}
            </Choice>
            <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
              <Field
                label="Requests in the limit’s time"
                name="quota"
                inputMode="numeric"
                error={faults.quota}
              />
              <Choice label="For how long" name="hours" defaultValue="24" error={faults.expiresAt}>
                <option value="4">4 hours</option>
                <option value="24">A day</option>
                <option value="168">A week</option>
                <option value="696">29 days</option>
              </Choice>
              <Choice label="For whom" name="kind" defaultValue="self" error={faults.subject}>
                <option value="self">Myself</option>
                <option value="user">A person, by ID</option>
                <option value="organisation">An organisation, by ID</option>
                <option value="share">A link, by ID</option>
              </Choice>
              <Field label="ID" name="id" optional error={faults['subject.id']} />
            </div>
            <ReasonArea minLength={10} error={faults.reason} />
          </>
        )}
      </SendForm>
    </Dialog>
  )
}
