import { Instant } from './time.tsx'

/** A version of something that staff set: who set it, when, and why where that is asked. */
type Version = { version: number; reason?: string; setByName: string | null; setAt: string }

/** Every version, the newest first, each with what it changed. `id`: of the heading. */
export function VersionList<V extends Version>({
  id,
  history,
  changesOf,
}: {
  id: string
  history: V[]
  /** What a version changed of the one before, one text a change; without one before, of what the portal came with. */
  changesOf: (entry: V, before: V | undefined) => string[]
}) {
  return (
    <section aria-labelledby={id} className="grid max-w-[760px] grid-cols-1 gap-3">
      <h2 id={id}>Changes</h2>
      {history.length === 0 && <p className="text-ink-2">Nobody has changed what the portal came with.</p>}
      <ol className="grid grid-cols-1 gap-3">
        {history.map((entry, index) => (
          <li
            key={entry.version}
            className="grid grid-cols-1 gap-1 border-b border-line pb-3 text-sm break-words last:border-b-0"
          >
            <Changes lines={changesOf(entry, history[index + 1])} />
            <p className="text-ink-2">
              {entry.reason && `${entry.reason} · `}version {entry.version},{' '}
              {entry.setByName ?? 'a deleted account'}, <Instant at={entry.setAt} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** What a version says otherwise of one thing than the one before: one line, or none. */
export function changeOf(name: string, before: string[], after: string[]): string[] {
  const changes = after.flatMap((words, n) => (words === before[n] ? [] : [`${before[n]} → ${words}`]))
  return changes.length > 0 ? [`${name}: ${changes.join(', ')}`] : []
}

function Changes({ lines }: { lines: string[] }) {
  if (lines.length === 0) return <p className="font-medium">Set anew, nothing changed</p>
  return (
    <ul>
      {lines.map((line) => (
        <li key={line} className="font-medium">
          {line}
        </li>
      ))}
    </ul>
  )
}
