'use client'

import { type ReactNode, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { FrontDoor } from '#portal/ui/front-door.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'
import type { LimitOverride, OwnStanding } from '../answers.ts'
import { LIMIT_CLASSES, type LimitClass, takesOverrides } from '../rules.ts'
import { AskOverrideDialog } from './ask-override-dialog.tsx'
import { OverrideList } from './override-list.tsx'
import { OwnLimits } from './own-limits.tsx'

/** What somebody ran into: a limit of a class, a measure against abuse; null where they only ask. */
export type Met = LimitClass | 'abuse' | null

/** Whoever may ask for more, what they asked for in the last year, and what they have used of their limits. */
type Member = { id: string; asked: LimitOverride[]; standings: OwnStanding[] | null }

/** Days for which what a limit, a measure or a request leaves is kept: of the rules of retention. */
type KeptDays = { met: number; abuse: number; asked: number }

/** For a person who was limited: nothing of theirs is locked, and here is what to do. */
export function LimitedCard({
  met,
  until,
  member,
  kept,
}: {
  met: Met
  until: string | null
  member: Member | null
  kept: KeptDays
}) {
  const refresh = useReachableRefresh()
  return (
    <FrontDoor
      title={titleOf(met)}
      lead={<Lead met={met} until={until} />}
      foot={<Kept met={met} days={kept} />}
    >
      {member && <OwnLimits standings={member.standings} />}
      <NextStep met={met} isMember={member !== null} onAsked={refresh} />
      {member && member.asked.length > 0 && (
        <OverrideList overrides={member.asked} decides={false} self={member.id} onDone={refresh} />
      )}
    </FrontDoor>
  )
}

function titleOf(met: Met): string {
  if (met === null) return 'How often is too often'
  return met === 'abuse' ? 'Refused for a while' : `Too often: ${LIMIT_CLASSES[met].title.toLowerCase()}`
}

function Lead({ met, until }: { met: Met; until: string | null }): ReactNode {
  if (met !== 'abuse' && !until)
    return 'The portal limits how often some things can be done, so that it stays quick for everybody. A limit ends by itself; nothing is ever locked.'
  return (
    <>
      {met === 'abuse' &&
        'Something like an attack comes from the network that you are on. It may well be somebody else there. '}
      {until && (
        <>
          It works again <Instant at={until} className="font-medium text-ink" />.{' '}
        </>
      )}
      Nothing is locked, and nothing of yours was changed.
    </>
  )
}

function NextStep({ met, isMember, onAsked }: { met: Met; isMember: boolean; onAsked: () => void }) {
  const [asking, setAsking] = useState(false)
  const [asked, setAsked] = useState(false)
  if (met === 'abuse')
    return (
      <p>
        From another network, a phone’s for example, it works at once. If this stops many of you, tell the
        people who run this portal: they see it, and can end it.
      </p>
    )
  if (asked) return <p role="status">Asked. A second person decides; then it holds at once.</p>
  if (!isMember)
    return (
      <p>Do you need more? Ask whoever shared the video with you, or sign in and open this page again.</p>
    )
  if (met && !takesOverrides(met))
    return <p>This one guards passwords and codes, so it is never raised for anybody. Wait until then.</p>
  return (
    <>
      <div>
        <Button look="solid" onClick={() => setAsking(true)}>
          Ask for more…
        </Button>
      </div>
      <AskOverrideDialog
        open={asking}
        path="/api/limits/overrides"
        about={met}
        onClose={() => setAsking(false)}
        onDone={() => {
          setAsked(true)
          onAsked()
        }}
      />
    </>
  )
}

function Kept({ met, days }: { met: Met; days: KeptDays }) {
  return (
    <div id="privacy" className="grid grid-cols-1 gap-1.5">
      <h2 className="text-xs font-medium text-ink">What is kept of this</h2>
      <p>
        {met === 'abuse'
          ? 'What was detected and when, beside a keyed hash in place of your address or account: '
          : 'That a limit was met, which one and when, beside a keyed hash in place of your address or account: '}
        it finds the same caller again and names nobody. Addresses themselves are not kept. After{' '}
        {met === 'abuse' ? days.abuse : days.met} days it is deleted.
        {met !== 'abuse' && ` A request for more is kept for ${days.asked} days with its reason.`}
      </p>
    </div>
  )
}
