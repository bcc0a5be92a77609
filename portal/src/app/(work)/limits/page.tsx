import type { Metadata } from 'next'
import { DEFAULT_RULES, LIMIT_CLASSES, type RuleName, takesOverrides } from '#portal/modules/limits/rules.ts'
import { LimitedCard } from '#portal/modules/limits/ui/limited-card.tsx'
import { oneOf, self } from '../../door.ts'

export const metadata: Metadata = { title: 'Limits' }

/** Where somebody who was limited is sent: which limit, until when, how to ask for more, and what is kept. */
export default async function LimitedPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const search = await searchParams
  const name = oneOf(search.limit)
  const limit = name && name in DEFAULT_RULES ? DEFAULT_RULES[name as RuleName].class : null
  const until = oneOf(search.until)
  const person = await self()
  return (
    <LimitedCard
      title={limit && LIMIT_CLASSES[limit].title}
      until={
        until && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(until) && !Number.isNaN(Date.parse(until)) ? until : null
      }
      mayAsk={person !== null && person.role !== 'guest' && (limit === null || takesOverrides(limit))}
    />
  )
}
