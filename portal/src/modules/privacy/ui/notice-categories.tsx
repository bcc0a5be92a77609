import { Chip } from '#portal/ui/chip.tsx'
import type { NoticeCategory } from '../answers.ts'

const OF: Record<NoticeCategory['of'], string> = {
  guest: 'Viewers',
  account: 'Members',
  both: 'Viewers and members',
}

/** Each purpose with its reason, its time, and what an erasure does with it. */
export function NoticeCategories({
  categories,
  recordsWatching,
}: {
  categories: NoticeCategory[]
  recordsWatching: boolean
}) {
  return (
    <ul className="grid grid-cols-1 gap-3">
      {categories.map((category) => (
        <li
          key={category.id}
          className="grid grid-cols-1 gap-2 rounded-card border border-line bg-surface px-4 py-3.5"
        >
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <h3 className="text-md font-semibold">{category.title}</h3>
            <Chip>{OF[category.of]}</Chip>
          </div>
          <p className="text-ink-2">{category.why}</p>
          {category.id === 'watching' && !recordsWatching ? (
            <p>This installation keeps none of it.</p>
          ) : (
            <Kept category={category} />
          )}
          <details className="text-sm text-ink-2">
            <summary className="min-h-6 py-1 max-sm:min-h-11 max-sm:py-3">
              On what ground, and what an erasure does<span className="sr-only">: {category.title}</span>
            </summary>
            <p className="pb-2">{category.basis}</p>
            <dl className="grid grid-cols-1 gap-x-4 gap-y-1 sm:grid-cols-[minmax(0,14rem)_minmax(0,1fr)]">
              {category.parts.map(({ holds, erased }) => (
                <div key={holds} className="contents">
                  <dt>{holds}</dt>
                  <dd className="pb-1 sm:pb-0">{erased.join(' ')}</dd>
                </div>
              ))}
            </dl>
          </details>
        </li>
      ))}
    </ul>
  )
}

function Kept({ category }: { category: NoticeCategory }) {
  return (
    <ul aria-label={`How long: ${category.title}`} className="grid list-disc gap-1 pl-5">
      {category.kept.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}
