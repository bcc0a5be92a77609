'use client'

import { useState } from 'react'
import type {
  RejectionView,
  ReplayView,
  WebhookSummary,
  WebhookView,
} from '#portal/modules/webhooks/answers.ts'
import { CauseCards } from '#portal/modules/webhooks/ui/cause-cards.tsx'
import { EventDrawer } from '#portal/modules/webhooks/ui/event-drawer.tsx'
import { EventRows } from '#portal/modules/webhooks/ui/event-rows.tsx'
import { RefusedSection } from '#portal/modules/webhooks/ui/refused-section.tsx'
import { ReplayDialog } from '#portal/modules/webhooks/ui/replay-dialog.tsx'
import type { Chosen } from '#portal/modules/webhooks/ui/webhook-api.ts'
import { kindInWords } from '#portal/modules/webhooks/ui/webhook-words.ts'
import { Button } from '#portal/ui/button.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted, numberInWords } from '#portal/ui/words.ts'

type Props = {
  summary: WebhookSummary
  events: WebhookView[]
  next: string | null
  state: string | undefined
  replays: ReplayView[]
  rejections: RejectionView[]
  canMend: boolean
}

/** What the video service told, what became of it, and what has to be looked after. */
export function WebhooksBoard({ summary, events, next, state, replays, rejections, canMend }: Props) {
  const running = replays.filter((one) => one.status === 'running')
  const refresh = useRefresh(running.length > 0 ? 1500 : 10_000)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const { states, causes, kinds, rejected } = summary
  return (
    <div className="grid grid-cols-1 gap-6">
      <PageHead
        title="Webhooks"
        actions={
          canMend &&
          states.dead > 0 && (
            <Button look="solid" onClick={() => setChosen({})}>
              Replay all…
            </Button>
          )
        }
      >
        What the video service tells of uploads and videos, and what became of it.
      </PageHead>
      <Figures summary={summary} />
      {running.map((one) => (
        <Running key={one.id} replay={one} />
      ))}
      <section aria-labelledby="dead" className="grid grid-cols-1 gap-3">
        <h2 id="dead">Dead letters</h2>
        <CauseCards causes={causes} onReplay={canMend ? (cause) => setChosen({ cause }) : null} />
        {!canMend && states.dead > 0 && <p className="text-ink-2">Staff of operations replay and discard.</p>}
      </section>
      <section aria-labelledby="events" className="grid grid-cols-1 gap-3">
        <h2 id="events">Events</h2>
        <FilterChips label="Events by state" name="state" chosen={state} choices={choicesOf(states)} />
        {events.length === 0 ? (
          <EmptyState title="No events">
            {state ? 'None is in this state.' : 'The first comes with the first upload.'}
          </EmptyState>
        ) : (
          <EventRows events={events} onOpen={setOpened} />
        )}
        <PageLinks next={next} />
      </section>
      <RefusedSection totals={rejected} newest={rejections} />
      {kinds.length > 0 && <Kinds kinds={kinds} />}
      <EventDrawer
        id={opened}
        canMend={canMend}
        onClose={() => setOpened(null)}
        onReplay={(id) => {
          setOpened(null)
          setChosen({ ids: [id] })
        }}
        onChanged={() => {
          setOpened(null)
          refresh()
        }}
      />
      <ReplayDialog chosen={chosen} onClose={() => setChosen(null)} onReplayed={refresh} />
    </div>
  )
}

const choicesOf = ({ pending, dead, discarded }: WebhookSummary['states']) => [
  { value: 'dead', label: 'Dead letters', count: numberInWords(dead) },
  { value: 'pending', label: 'Not applied yet', count: numberInWords(pending) },
  { value: 'applied', label: 'Applied' },
  { value: 'discarded', label: 'Discarded', count: numberInWords(discarded) },
]

function Figures({ summary: { states, lastDay } }: { summary: WebhookSummary }) {
  const percent = lastDay.events > 0 ? `${((lastDay.firstTry / lastDay.events) * 100).toFixed(1)} %` : '—'
  const figures = [
    ['Applied', numberInWords(states.applied)],
    ['Not applied yet', numberInWords(states.pending)],
    ['Dead letters', numberInWords(states.dead)],
    ['At the first try, 24 h', percent],
  ]
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-4">
      {figures.map(([name, value]) => (
        <div key={name} className="rounded-card border border-line bg-surface px-4 py-3">
          <dt className="text-sm text-ink-2">{name}</dt>
          <dd className="mono text-lg">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Running({ replay: { found, applied, failed, askedAt } }: { replay: ReplayView }) {
  const tried = applied + failed
  return (
    <div
      role="status"
      className="grid grid-cols-1 gap-2 rounded-card border border-line bg-surface px-4 py-3"
    >
      <p>
        Replaying {counted(found, 'dead letter')} since <Instant at={askedAt} />: {numberInWords(applied)}{' '}
        applied
        {failed > 0 && `, ${numberInWords(failed)} failed again`}.
      </p>
      <ProgressBar percent={found > 0 ? (tried / found) * 100 : 0} label="Letters tried" />
    </div>
  )
}

function Kinds({ kinds }: { kinds: WebhookSummary['kinds'] }) {
  return (
    <section aria-labelledby="kinds" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="kinds">New to the portal</h2>
        <p className="text-ink-2">Types and shapes that it does not know. They are kept and do no harm.</p>
      </div>
      <ul className="rounded-card border border-line bg-surface">
        {kinds.map(({ kind, firstSeenAt }) => (
          <li
            key={kind}
            className="flex flex-wrap justify-between gap-x-4 border-b border-line px-4 py-2.5 last:border-b-0"
          >
            <span className="break-all">{kindInWords(kind)}</span>
            <span className="text-sm text-ink-2">
              first <Instant at={firstSeenAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
