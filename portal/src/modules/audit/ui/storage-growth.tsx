'use client'

import { bytesInWords, counted } from '#portal/ui/words.ts'
import type { DaySize, Growth } from '../answers.ts'

const HEIGHT = 120
const WIDTH = 600

/** How the log has grown this quarter, against its bar. */
export function StorageGrowth({ days, growth }: { days: DaySize[]; growth: Growth }) {
  const shown = growth ? days.filter(({ day }) => day >= growth.fromDay) : days.slice(-91)
  return (
    <section
      aria-labelledby="growth"
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="grid grid-cols-1 gap-1">
        <h2 id="growth">Growth this quarter</h2>
        <p className="max-w-[72ch] text-ink-2">{growth ? <Judged growth={growth} /> : notYet(days)}</p>
      </div>
      {shown.length > 1 && <Picture days={shown} barPercent={growth?.barPercent ?? null} />}
    </section>
  )
}

function Judged({
  growth: { percent, barPercent, isBeyond, fromDay, toDay },
}: {
  growth: NonNullable<Growth>
}) {
  const how = percent < 0 ? `shrank by ${-percent} %` : `grew by ${percent} %`
  return (
    <>
      From {dayInWords(fromDay)} to {dayInWords(toDay)} the log’s storage {how}.{' '}
      {isBeyond ? (
        <strong className="font-medium text-stop">
          That is beyond the bar of {barPercent} %; finance has an alert.
        </strong>
      ) : (
        `The bar is ${barPercent} %.`
      )}
    </>
  )
}

function notYet(days: DaySize[]): string {
  const first = days[0]
  const bar = 'It may grow by 15 % in a quarter.'
  if (!first) return `Nothing was measured yet. ${bar}`
  return `${counted(days.length, 'day')} measured since ${dayInWords(first.day)}: growth is told once measures lie 91 days apart. ${bar}`
}

/** Read as a picture; the sentence above says what it shows. */
function Picture({ days, barPercent }: { days: DaySize[]; barPercent: number | null }) {
  const [first, last] = [days[0] as DaySize, days.at(-1) as DaySize]
  const bar = barPercent === null ? null : first.totalBytes * (1 + barPercent / 100)
  const most = Math.max(bar ?? 0, ...days.map(({ totalBytes }) => totalBytes)) * 1.08
  const from = Date.parse(first.day)
  const span = Date.parse(last.day) - from
  const y = (bytes: number) => HEIGHT - (bytes / most) * HEIGHT
  const line = days
    .map((size) => `${((Date.parse(size.day) - from) / span) * WIDTH},${y(size.totalBytes).toFixed(1)}`)
    .join(' ')
  const label = `From ${bytesInWords(first.totalBytes)} to ${bytesInWords(last.totalBytes)}`
  return (
    <div className="grid grid-cols-1 gap-1.5">
      {bar !== null && (
        <p className="flex items-center gap-1.5 text-xs text-ink-2">
          <svg aria-hidden width="18" height="6" className="shrink-0 stroke-stop [stroke-dasharray:4_3]">
            <line x1="0" x2="18" y1="3" y2="3" strokeWidth="1.8" />
          </svg>
          {barPercent} % more than at first: {bytesInWords(bar)}
        </p>
      )}
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-[120px] w-full border-b border-line-strong"
      >
        <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} className="fill-line" />
        <polyline
          points={line}
          fill="none"
          vectorEffect="non-scaling-stroke"
          strokeWidth="1.6"
          className="stroke-ink"
        />
        {bar !== null && (
          <line
            x1="0"
            x2={WIDTH}
            y1={y(bar)}
            y2={y(bar)}
            vectorEffect="non-scaling-stroke"
            strokeWidth="1.6"
            strokeDasharray="4 3"
            className="stroke-stop"
          />
        )}
      </svg>
      <p className="flex justify-between gap-4 text-xs text-ink-2">
        <span>
          {dayInWords(first.day)}: {bytesInWords(first.totalBytes)}
        </span>
        <span className="text-right">
          {dayInWords(last.day)}: {bytesInWords(last.totalBytes)}
        </span>
      </p>
    </div>
  )
}

/** A day in UTC, as the log measures: "22 Nov 2026". */
function dayInWords(day: string): string {
  return new Date(day).toLocaleDateString('en-AU', {
    ...{ day: 'numeric', month: 'short', year: 'numeric' },
    timeZone: 'UTC',
  })
}
