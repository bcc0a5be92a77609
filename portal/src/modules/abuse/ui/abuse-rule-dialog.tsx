'use client'

import { api } from '#portal/ui/api-client.ts'
import { Choice, Field, Tick } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import {
  ABUSE_ACTIONS,
  ABUSE_RULE_NAMES,
  type AbuseAction,
  type AbuseNumbers,
  type AbuseRuleName,
  type AbuseRules,
} from '../rules.ts'

const SENT = ['threshold', 'windowSeconds', 'lastsSeconds', 'action', 'mode'] as const

/** Changes one rule's numbers, action or mode; the others stay as they were looked at. */
export function AbuseRuleDialog({
  name,
  current: { version, rules },
  onClose,
  onDone,
}: {
  name: AbuseRuleName | null
  current: { version: number; rules: AbuseRules }
  onClose: () => void
  onDone: () => void
}) {
  const rule = name && { name, ...rules[name] }
  const fault = (faults: Record<string, string>, field: string) => faults[`rules.${name}.${field}`]
  const setOf = (text: (name: string) => string) => ({
    ...Object.fromEntries(SENT.map((field) => [field, text(field)])),
    alert: text('alert') === 'on',
  })
  return (
    <SendDialog
      open={rule}
      title={rule?.title}
      act="Set the rule"
      {...{ onClose, onDone }}
      send={(text, { name }) =>
        api('/api/admin/abuse', {
          method: 'PUT',
          body: { version, reason: text('reason'), rules: { ...numbersOf(rules), [name]: setOf(text) } },
        })
      }
    >
      {(faults, rule) => (
        <>
          <div className="grid grid-cols-3 gap-4 max-sm:grid-cols-1">
            {(
              [
                ['threshold', 'How many'],
                ['windowSeconds', 'Within seconds'],
                ['lastsSeconds', 'Answer lasts, seconds'],
              ] as const
            ).map(([field, label]) => (
              <Field
                key={field}
                label={label}
                name={field}
                inputMode="numeric"
                defaultValue={rule[field]}
                error={fault(faults, field)}
              />
            ))}
          </div>
          <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
            <Choice label="Then" name="action" defaultValue={rule.action} error={fault(faults, 'action')}>
              {(Object.keys(ABUSE_ACTIONS) as AbuseAction[]).map((action) => (
                <option key={action} value={action}>
                  {ABUSE_ACTIONS[action]}
                </option>
              ))}
            </Choice>
            <Choice label="Mode" name="mode" defaultValue={rule.mode}>
              <option value="enforce">Enforced</option>
              <option value="monitor">Watched: everything goes through</option>
            </Choice>
          </div>
          <Tick label="Alert security and operations" name="alert" defaultChecked={rule.alert} />
          <ReasonArea minLength={10} error={faults.reason} />
        </>
      )}
    </SendDialog>
  )
}

const numbersOf = (rules: AbuseRules): Record<string, AbuseNumbers> =>
  Object.fromEntries(
    ABUSE_RULE_NAMES.map((name) => {
      const { threshold, windowSeconds, lastsSeconds, action, alert, mode } = rules[name]
      return [name, { threshold, windowSeconds, lastsSeconds, action, alert, mode }]
    }),
  )
