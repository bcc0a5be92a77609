'use client'

import { LOG_ACCESS_MAX_HOURS } from '#portal/modules/audit/rules.ts'
import { api } from '#portal/ui/api-client.ts'
import { Choice } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'

const TIMES = [
  { hours: 2, label: '2 hours' },
  { hours: 8, label: '8 hours' },
  { hours: 24, label: '1 day' },
  { hours: 168, label: '7 days' },
  { hours: LOG_ACCESS_MAX_HOURS, label: '30 days, the longest' },
]

type Props = { open: boolean; onClose: () => void; onDone: () => void }

/** Asks to read the log for a while. */
export function AskAccessDialog(props: Props) {
  return (
    <SendDialog
      {...props}
      title="Ask to read the log"
      act="Ask"
      send={(text) =>
        api('/api/admin/audit/access', {
          method: 'POST',
          body: { hours: Number(text('hours')), reason: text('reason') },
        })
      }
    >
      {(faults) => (
        <>
          <Choice label="For how long" name="hours" defaultValue={8} error={faults.hours}>
            {TIMES.map(({ hours, label }) => (
              <option key={hours} value={hours}>
                {label}
              </option>
            ))}
          </Choice>
          <ReasonArea
            minLength={10}
            hint="Whoever decides reads it, and the quarterly review."
            error={faults.reason}
          />
          <p className="text-sm text-ink-2">
            If there is nobody else in security or compliance, whoever runs this installation can give access
            on the machine: <code className="mono text-ink">npm run portal -- audit grant</code>
          </p>
        </>
      )}
    </SendDialog>
  )
}
