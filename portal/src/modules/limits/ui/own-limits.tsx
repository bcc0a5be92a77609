import { classes } from '#portal/ui/classes.ts'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'
import { Instant } from '#portal/ui/time.tsx'
import type { OwnStanding } from '../answers.ts'
import { LIMIT_CLASSES, spanInWords } from '../rules.ts'

/** What somebody has used of their own limits and their organisation's, before they run into one. */
export function OwnLimits({ standings, className }: { standings: OwnStanding[] | null; className?: string }) {
  if (standings?.length === 0) return null
  return (
    <section aria-labelledby="own-limits" className={classes('grid grid-cols-1 gap-3', className)}>
      <h2 id="own-limits">Your limits</h2>
      {standings ? (
        <ul className="grid grid-cols-1 gap-4">
          {standings.map((standing) => (
            <Limit key={standing.rule} standing={standing} />
          ))}
        </ul>
      ) : (
        <p className="text-sm text-ink-2">They can’t be counted just now. Load the page again in a moment.</p>
      )}
    </section>
  )
}

function Limit({ standing }: { standing: OwnStanding }) {
  const { used, limit, windowSeconds, nextAt, freeAt, by, raisedUntil } = standing
  const title = `${LIMIT_CLASSES[standing.class].title}${by === 'organisation' ? ' of your organisation' : ''}`
  return (
    <li className="grid grid-cols-1 gap-1.5">
      <p className="flex flex-wrap justify-between gap-x-4">
        <span>{title}</span>
        <span className="text-ink-2">
          <span className="mono text-ink">
            {used.toLocaleString('en-AU')} of {limit.toLocaleString('en-AU')}
          </span>{' '}
          in {spanInWords(windowSeconds)}
        </span>
      </p>
      <ProgressBar percent={(used / Math.max(1, limit)) * 100} label={`${title}: used`} tone="ink" />
      <p className="text-sm text-ink-2">{whenFree(nextAt, freeAt)}</p>
      {raisedUntil && (
        <p className="text-sm text-ink-2">
          Raised for {by === 'organisation' ? 'your organisation' : 'you'} until{' '}
          <Instant at={raisedUntil} className="font-medium text-ink" />. What was used before it was raised
          does not count here.
        </p>
      )}
    </li>
  )
}

function whenFree(nextAt: string | null, freeAt: string | null) {
  if (!freeAt) return 'None used.'
  return (
    <>
      {nextAt && (
        <>
          The next is taken <Instant at={nextAt} className="font-medium text-ink" />.{' '}
        </>
      )}
      They come back one by one; all are back <Instant at={freeAt} />.
    </>
  )
}
