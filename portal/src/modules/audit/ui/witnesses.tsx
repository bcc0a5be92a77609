import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'

export type Witness = { name: string; outcome: string | null; cosignedAt: Date | string | null }

const outcomes: Record<string, { tone: ChipTone; words: string }> = {
  cosigned: { tone: 'proof', words: 'cosigns' },
  forked: { tone: 'stop', words: 'has seen another log' },
  rolled_back: { tone: 'stop', words: 'has seen more entries' },
  unknown_log: { tone: 'warn', words: 'does not know this log' },
  unknown_key: { tone: 'warn', words: 'does not know its key' },
  wrong_answer: { tone: 'warn', words: 'answers wrongly' },
  wrong_clock: { tone: 'warn', words: 'has a wrong clock' },
  unreachable: { tone: 'warn', words: 'does not answer' },
}

/** Who else vouches that the log only grows, and when each did last. */
export function Witnesses({ witnesses }: { witnesses: Witness[] }) {
  if (witnesses.length === 0)
    return (
      <p className="text-sm text-ink-2">
        No witness cosigns this log yet. One that somebody else runs notices if it is ever rolled back.
      </p>
    )
  return (
    <ul aria-label="Witnesses" className="grid grid-cols-1 gap-1.5 text-sm">
      {witnesses.map(({ name, outcome, cosignedAt }) => {
        const { tone, words } = outcomes[outcome ?? ''] ?? { tone: 'neutral', words: 'not asked yet' }
        return (
          <li key={name} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="mono min-w-0 break-all">{name}</span>
            <Chip tone={tone}>{words}</Chip>
            {cosignedAt && (
              <span className="text-ink-2">
                newest signature <Instant at={new Date(cosignedAt).toISOString()} />
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
