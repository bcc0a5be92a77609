import type { Metadata } from 'next'
import { listOwnOverrides } from '#portal/modules/limits/list-overrides.ts'
import { getOwnStanding } from '#portal/modules/limits/own-standing.ts'
import { DEFAULT_RULES, type RuleName } from '#portal/modules/limits/rules.ts'
import { LimitedCard, type Met } from '#portal/modules/limits/ui/limited-card.tsx'
import { keptDaysOf } from '#portal/modules/privacy/privacy-notice.ts'
import { ask, oneOf, selfInFull } from '../../door.ts'

export const metadata: Metadata = { title: 'Limits' }

/** Where somebody who was limited is sent: by what, until when, how to ask for more, and what is kept. */
export default async function LimitedPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const search = await searchParams
  const until = oneOf(search.until)
  const person = await selfInFull()
  const member = person && person.role !== 'guest' ? person : null
  return (
    <LimitedCard
      met={metBy(oneOf(search.limit))}
      kept={{
        met: keptDaysOf('limit_throttlings'),
        abuse: keptDaysOf('abuse_detections'),
        asked: keptDaysOf('limit_overrides'),
      }}
      until={
        until && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(until) && !Number.isNaN(Date.parse(until)) ? until : null
      }
      member={
        member && {
          id: member.id,
          asked: (await ask(listOwnOverrides, {})).items,
          standings: (await ask(getOwnStanding, {})).items,
        }
      }
    />
  )
}

function metBy(name: string | undefined): Met {
  if (name === 'abuse') return name
  return name && Object.hasOwn(DEFAULT_RULES, name) ? DEFAULT_RULES[name as RuleName].class : null
}
