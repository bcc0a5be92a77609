import { useId } from 'react'
import { classes } from '#portal/ui/classes.ts'
import { bytesInWords } from '#portal/ui/words.ts'
import type { PartName, StoragePart } from './storage-parts.ts'

/** Colours mean something elsewhere: parts differ by their tone, and what is beside the events by its pattern. */
const LOOKS: Record<PartName, string | null> = {
  hot: 'fill-ink',
  warm: 'fill-ink-3',
  archive: 'fill-line-strong',
  purged: 'fill-transparent',
  index: null,
  tree: 'fill-proof',
}

/** What takes up how much, as one bar; its legend says the same in words. */
export function StorageBar({ parts }: { parts: StoragePart[] }) {
  const hatch = useId()
  const fillOf = (name: PartName) => (LOOKS[name] ? {} : { fill: `url(#${hatch})` })
  const sized = parts.flatMap(({ name, label, bytes }) => (bytes ? [{ name, label, bytes }] : []))
  const total = sized.reduce((sum, { bytes }) => sum + bytes, 0)
  let before = 0
  const spans = sized.map((part) => {
    const x = (before / total) * 100
    before += part.bytes
    return { ...part, x, percent: (part.bytes / total) * 100 }
  })
  return (
    <figure className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4">
      <svg
        role="img"
        aria-label="Size by place; the list below has the numbers"
        width="100%"
        height="24"
        className="rounded-chip"
      >
        <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="5" className="fill-ink-2" />
        </pattern>
        {spans.map(({ name, x, percent }) => (
          <rect
            key={name}
            x={`${x}%`}
            width={`${percent}%`}
            height="24"
            strokeWidth="2"
            className={classes('stroke-surface', LOOKS[name])}
            {...fillOf(name)}
          />
        ))}
      </svg>
      <figcaption>
        <ul aria-label="Size by place" className="flex flex-wrap gap-x-5 gap-y-1.5 text-xs text-ink-2">
          {spans.map(({ name, label, bytes, percent }) => (
            <li key={name} className="flex items-center gap-1.5">
              <svg aria-hidden width="10" height="10" className="shrink-0">
                <rect width="10" height="10" rx="2" className={classes(LOOKS[name])} {...fillOf(name)} />
              </svg>
              {label} <span className="mono text-ink">{bytesInWords(bytes)}</span> {share(percent)}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}

const share = (percent: number) => (percent < 0.5 ? '< 1 %' : `${Math.round(percent)} %`)
