import { Download } from 'lucide-react'
import type { Erasure } from '#portal/modules/privacy/answers.ts'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'

const STATES: Record<Erasure['status'], [string, ChipTone]> = {
  pending: ['Waits for a second person', 'warn'],
  running: ['Being erased', 'warn'],
  done: ['Erased', 'neutral'],
  declined: ['Declined', 'neutral'],
}

/** What is asked about whom, how far it is, and what was removed. */
export function ErasureCard({
  erasure,
  decides,
  onAgree,
  onDecline,
}: {
  erasure: Erasure
  decides: boolean
  onAgree: () => void
  onDecline: () => void
}) {
  const { status, mine, reference } = erasure
  const [word, tone] = STATES[status]
  return (
    <article
      aria-label={reference}
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface px-4 py-3"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <ErasureWords erasure={erasure} />
        <Chip tone={tone} live={status === 'running'}>
          {word}
        </Chip>
        {status === 'pending' && decides && !mine && (
          <span className="flex gap-2">
            <Button onClick={onDecline} aria-label={`Decline ${reference}`}>
              Decline
            </Button>
            <Button look="stop" onClick={onAgree} aria-label={`Agree to ${reference}`}>
              Agree
            </Button>
          </span>
        )}
        {status === 'done' && decides && (
          <a
            className={buttonClass('plain', true)}
            href={`/api/admin/privacy/erasures/${erasure.id}/evidence`}
            download
          >
            <Download size={15} aria-hidden />
            Evidence<span className="sr-only"> of {reference}, with receipts</span>
          </a>
        )}
      </div>
      {erasure.failure && status === 'running' && (
        <p className="text-sm break-words">Tried again soon; held up: {erasure.failure}</p>
      )}
      {erasure.removed.length > 0 && <Removed removed={erasure.removed} />}
    </article>
  )
}

function ErasureWords({ erasure }: { erasure: Erasure }) {
  const { kind, person, userId, reference, askedByName, askedAt, decidedByName, status } = erasure
  const who = person ?? (kind === 'account' ? 'Account holder' : 'Guest')
  return (
    <div className="min-w-0 flex-1 basis-72">
      <p className="font-medium break-words">
        {who} <span className="font-normal text-ink-2">· {reference}</span>
      </p>
      <p className="text-xs break-words text-ink-2">
        {kind === 'account' ? 'account' : 'guest, known by address alone'} · asked
        {askedByName && ` by ${askedByName}`} <Instant at={askedAt} />
        {decidedByName && ` · ${status === 'declined' ? 'declined' : 'agreed'} by ${decidedByName}`}
        {erasure.finishedAt && (
          <>
            {' · done '}
            <Instant at={erasure.finishedAt} />
          </>
        )}
        {status !== 'pending' && userId && (
          <>
            {' · '}
            <span className="mono">{userId}</span>
          </>
        )}
      </p>
    </div>
  )
}

function Removed({ removed }: Pick<Erasure, 'removed'>) {
  const rows = removed.reduce((sum, one) => sum + one.rows, 0)
  return (
    <details>
      <summary className="min-h-9 cursor-pointer content-center text-sm text-ink-2">
        {counted(rows, 'row')} in {counted(removed.length, 'place')}
      </summary>
      <ul className="grid grid-cols-1 gap-1 pt-1 text-sm">
        {removed.map(({ place, did, rows }) => (
          <li key={`${place} ${did}`} className="flex flex-wrap gap-x-3">
            <span className="mono w-12 text-right tabular-nums">{rows}</span>
            <span className="w-24 text-ink-2">{did}</span>
            <span className="mono min-w-0 break-all">{place}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
