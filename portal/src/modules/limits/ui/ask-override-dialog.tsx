'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Choice, Field } from '#portal/ui/field.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import { inWords, LIMIT_CLASSES, type LimitClass, type LimitRules, takesOverrides } from '../rules.ts'

const CLASSES = (Object.keys(LIMIT_CLASSES) as LimitClass[]).filter(takesOverrides)
const ID_HINTS: Record<string, string> = {
  user: 'As it stands in the log, usr_ first.',
  organisation: 'As it stands in the log, org_ first.',
  share: 'The last part of its page’s address, shr_ first.',
}
const HOUR_MS = 3_600_000

type Props = {
  open: boolean
  path: '/api/limits/overrides' | '/api/admin/limits/overrides'
  /** what was run into */
  about?: LimitClass | null
  /** what is in force, for those who may know */
  rules?: LimitRules
  onClose: () => void
  onDone: () => void
}

/** Asks for a higher limit: for oneself, or by ID for somebody or something. */
export function AskOverrideDialog({ path, about, rules, ...dialog }: Props) {
  const [limitClass, setLimitClass] = useState<LimitClass>(about ?? 'upload')
  const [kind, setKind] = useState('self')
  const staff = path === '/api/admin/limits/overrides'
  return (
    <SendDialog
      {...dialog}
      title="Ask for a higher limit"
      act="Ask"
      send={(text) =>
        api(path, {
          method: 'POST',
          body: {
            class: limitClass,
            quota: text('quota'),
            reason: text('reason'),
            expiresAt: new Date(Date.now() + Number(text('hours')) * HOUR_MS).toISOString(),
            ...(kind === 'self' ? {} : { subject: { kind, id: text('id') } }),
          },
        })
      }
    >
      {(faults) => (
        <>
          <Choice
            label="Of what"
            value={limitClass}
            onChange={(event) => setLimitClass(event.target.value as LimitClass)}
            error={faults.class}
          >
            {CLASSES.map((name) => (
              <option key={name} value={name}>
                {LIMIT_CLASSES[name].title}
              </option>
            ))}
          </Choice>
          <div className="grid grid-cols-2 items-start gap-4 max-sm:grid-cols-1">
            <Field
              label="Requests in the limit’s time"
              name="quota"
              inputMode="numeric"
              required
              hint={rules && `Now ${nowInWords(rules, limitClass)}.`}
              error={faults.quota}
            />
            <Choice label="For how long" name="hours" defaultValue="24" error={faults.expiresAt}>
              <option value="4">4 hours</option>
              <option value="24">A day</option>
              <option value="168">A week</option>
              <option value="696">29 days</option>
            </Choice>
            <Choice
              label="For whom"
              value={kind}
              onChange={(event) => setKind(event.target.value)}
              error={faults.subject}
            >
              <option value="self">Myself</option>
              {staff && <option value="user">A person</option>}
              {staff && <option value="organisation">An organisation</option>}
              <option value="share">{staff ? 'A link' : 'One of my links'}</option>
            </Choice>
            {kind !== 'self' && (
              <Field label="ID" name="id" required hint={ID_HINTS[kind]} error={faults['subject.id']} />
            )}
          </div>
          <ReasonArea minLength={10} error={faults.reason} />
        </>
      )}
    </SendDialog>
  )
}

/** "20 in a day, 200 in a day": a class may be counted by several things. */
const nowInWords = (rules: LimitRules, name: LimitClass) =>
  [...new Set(Object.values(rules).flatMap((rule) => (rule.class === name ? [inWords(rule)] : [])))].join(
    ', or ',
  )
