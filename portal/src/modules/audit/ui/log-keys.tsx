import type { PublishedKeys } from '#portal/modules/audit/answers.ts'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { CopyField } from '#portal/ui/copy-field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { numberInWords } from '#portal/ui/words.ts'

type Key = PublishedKeys['keys'][number]

const STATES: Record<Key['state'], [string, ChipTone]> = {
  current: ['signs now', 'proof'],
  next: ['takes over soon', 'proof'],
  retired: ['signed before', 'neutral'],
  compromised: ['not trusted beyond its end', 'stop'],
}

/** Every key that ever signed heads of the log, the current one first. */
export function LogKeys({ keys }: { keys: PublishedKeys }) {
  return (
    <section aria-labelledby="log-keys" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="log-keys">Keys of the log</h2>
        <p className="max-w-[72ch] text-ink-2">
          Keep the current one somewhere else than here: with it anybody checks the log and every receipt,
          without this portal. Anyone may have them:{' '}
          <a href="/audit/vkeys" className="underline">
            as JSON
          </a>
          , the{' '}
          <a href="/api/audit/verifier.mjs" download className="underline">
            verifier
          </a>
          .
        </p>
      </div>
      <ul className="overflow-hidden rounded-card border border-line bg-surface">
        {keys.keys.map((key) => (
          <KeyEntry key={key.vkey} value={key} />
        ))}
      </ul>
    </section>
  )
}

function KeyEntry({ value }: { value: Key }) {
  const { vkey, state, since, until, statement } = value
  const [words, tone] = STATES[state]
  return (
    <li className="grid grid-cols-1 gap-2 border-b border-line px-4 py-3 last:border-b-0">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Chip tone={tone}>{words}</Chip>
        <span className="text-ink-2">
          {heads(value)}
          {since && (
            <>
              {' · since '}
              <Instant at={since} />
            </>
          )}
          {until && (
            <>
              {' · until '}
              <Instant at={until} />
            </>
          )}
        </span>
      </p>
      <CopyField value={vkey} label={`Key that ${words}`} />
      {statement && (
        <details className="text-sm">
          <summary className="min-h-6 text-ink-2 max-sm:min-h-11 max-sm:content-center">
            How it took over, signed by both keys
          </summary>
          <pre className="mono overflow-x-auto rounded-control border border-line bg-sunken p-3">
            {statement}
          </pre>
        </details>
      )}
    </li>
  )
}

function heads({ fromSize, untilSize }: Key): string {
  if (untilSize !== null)
    return `heads of ${numberInWords(fromSize ?? 0)} to ${numberInWords(untilSize)} entries`
  return !fromSize ? 'every head' : `heads of more than ${numberInWords(fromSize)} entries`
}
