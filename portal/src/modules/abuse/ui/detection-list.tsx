import { Button } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import type { AbuseDetection, AbuseDetections } from '../answers.ts'
import { ABUSE_ACTIONS, ABUSE_SUBJECTS, type AbuseRules } from '../rules.ts'

const STATES: Record<AbuseDetection['status'], [string, ChipTone]> = {
  running: ['Running', 'stop'],
  watched: ['Watched', 'warn'],
  over: ['Over', 'neutral'],
  'let-go': ['Let go', 'neutral'],
}

/** Each detection of the last day: by which rule, of whom, what is done, until when, and what that refused. */
export function DetectionList({
  detections: { items, total, running },
  rules,
  onLetGo,
}: {
  detections: AbuseDetections
  rules: AbuseRules
  onLetGo: ((detection: AbuseDetection) => void) | null
}) {
  return (
    <section aria-labelledby="abuse-detections" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="abuse-detections">Detected since yesterday</h2>
        {total > 0 && (
          <p className="text-ink-2">
            {total.toLocaleString('en-AU')} in all, {running.toLocaleString('en-AU')} still running
            {total > items.length && `; the newest ${items.length} stand here`}.
          </p>
        )}
      </div>
      {items.length === 0 ? (
        <EmptyState title="Nothing was detected">
          Whatever meets a rule below stands here at once, with what was done about it and until when.
        </EmptyState>
      ) : (
        <ul aria-label="Detections" className="overflow-hidden rounded-card border border-line bg-surface">
          {items.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
            >
              <DetectionWords detection={one} rules={rules} />
              <Chip tone={STATES[one.status][1]} live={one.status === 'running'}>
                {STATES[one.status][0]}
              </Chip>
              {onLetGo && (one.status === 'running' || one.status === 'watched') && (
                <Button
                  aria-label={`Let go: ${rules[one.rule].title}, ${one.subject.slice(0, 8)}…`}
                  onClick={() => onLetGo(one)}
                >
                  Let go…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function DetectionWords({ detection: one, rules }: { detection: AbuseDetection; rules: AbuseRules }) {
  const { title, by } = rules[one.rule]
  return (
    <div className="min-w-0 flex-1 basis-72">
      <p className="font-medium break-words">
        {title}: {ABUSE_SUBJECTS[by]}{' '}
        {by !== 'portal' && <span className="mono font-normal text-ink-2">{one.subject.slice(0, 12)}</span>}
      </p>
      <p className="text-xs break-words text-ink-2">
        <Instant at={one.detectedAt} /> · {one.enforced ? ABUSE_ACTIONS[one.action] : 'only watched'},{' '}
        {one.status === 'running' || one.status === 'watched' ? 'until' : 'ended'} <Instant at={one.until} />{' '}
        · {one.refused.toLocaleString('en-AU')} {one.enforced ? 'refused' : 'would have been refused'}
        {one.letGoReason && ` · let go by ${one.letGoByName ?? 'a deleted account'}: ${one.letGoReason}`}
      </p>
    </div>
  )
}
