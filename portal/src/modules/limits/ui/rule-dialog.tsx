'use client'

import { api } from '#portal/ui/api-client.ts'
import { Choice, Field } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import {
  LIMIT_CLASSES,
  LIMIT_SUBJECTS,
  type LimitNumbers,
  type LimitRules,
  RULE_NAMES,
  type RuleName,
} from '../rules.ts'

type Current = { version: number; rules: LimitRules }

/** Changes one rule's numbers or mode; the others stay as they were looked at. */
export function RuleDialog({
  name,
  current: { version, rules },
  onClose,
  onDone,
}: {
  name: RuleName | null
  current: Current
  onClose: () => void
  onDone: () => void
}) {
  const rule = name && { name, ...rules[name] }
  const fault = (faults: Record<string, string>, field: string) => faults[`rules.${name}.${field}`]
  return (
    <SendDialog
      open={rule}
      title={rule && `${LIMIT_CLASSES[rule.class].title}, by ${LIMIT_SUBJECTS[rule.by]}`}
      act="Set the limit"
      {...{ onClose, onDone }}
      send={(text, { name }) =>
        api('/api/admin/limits', {
          method: 'PUT',
          body: {
            version,
            reason: text('reason'),
            rules: {
              ...numbersOf(rules),
              [name]: {
                quota: text('quota'),
                windowSeconds: text('windowSeconds'),
                burst: text('burst'),
                mode: text('mode'),
              },
            },
          },
        })
      }
    >
      {(faults, rule) => (
        <>
          <div className="grid grid-cols-3 gap-4 max-sm:grid-cols-1">
            <Field
              label="Requests"
              name="quota"
              inputMode="numeric"
              defaultValue={rule.quota}
              error={fault(faults, 'quota')}
            />
            <Field
              label="Within seconds"
              name="windowSeconds"
              inputMode="numeric"
              defaultValue={rule.windowSeconds}
              error={fault(faults, 'windowSeconds')}
            />
            <Field
              label="At once"
              name="burst"
              inputMode="numeric"
              defaultValue={rule.burst}
              error={fault(faults, 'burst')}
            />
          </div>
          <Choice
            label="Mode"
            name="mode"
            defaultValue={rule.mode}
            hint="Watch a limit first to see what it would refuse."
          >
            <option value="enforce">Enforced</option>
            <option value="monitor">Watched: everything goes through</option>
          </Choice>
          <ReasonArea minLength={10} error={faults.reason} />
        </>
      )}
    </SendDialog>
  )
}

const numbersOf = (rules: LimitRules): Record<string, LimitNumbers> =>
  Object.fromEntries(
    RULE_NAMES.map((name) => {
      const { quota, windowSeconds, burst, mode } = rules[name]
      return [name, { quota, windowSeconds, burst, mode }]
    }),
  )
