'use client'

import dynamic from 'next/dynamic'
import { classes } from '#portal/ui/classes.ts'
import { Instant } from '#portal/ui/time.tsx'
import type { TelemetryView } from '../answers.ts'
import { type ChartLine, rowsOf } from './chart-spans.ts'

const LinePlot = dynamic(() => import('./line-plot.tsx'), {
  ssr: false,
  loading: () => <div className="h-[190px]" />,
})

/** The newest; the rest is in an export. */
const ROWS_IN_TABLE = 60

/** One picture over time with its legend, and the same as a table behind it. */
export function MetricChart({
  title,
  about,
  view,
  lines,
  figure,
  threshold,
}: {
  title: string
  about: string
  view: TelemetryView
  lines: ChartLine[]
  /** A value with its unit. */
  figure: (value: number) => string
  threshold?: { at: number; name: string }
}) {
  const id = `chart-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
  const rows = rowsOf(view, lines)
  const said = rows.filter(({ values }) => values.some((value) => value !== null && value !== 0))
  return (
    <section
      aria-labelledby={id}
      className="grid min-w-0 grid-cols-1 content-start gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div>
        <h2 id={id}>{title}</h2>
        <p className="text-ink-2">{about}</p>
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
        {lines.map((line) => (
          <li key={line.name} className="flex items-center gap-1.5">
            <Key look={line.look} />
            {line.name}
          </li>
        ))}
        {threshold && (
          <li className="flex items-center gap-1.5">
            <Key look="threshold" />
            {threshold.name}
          </li>
        )}
      </ul>
      <div aria-hidden className="min-h-[190px] min-w-0">
        <LinePlot
          rows={rows}
          lines={lines}
          range={view.range}
          figure={figure}
          {...(threshold ? { threshold: threshold.at } : {})}
        />
      </div>
      {said.length === 0 ? (
        <p className="text-sm text-ink-2">Nothing in this time.</p>
      ) : (
        <details>
          <summary className="cursor-pointer rounded-chip text-sm text-ink-2">The numbers as a table</summary>
          <table aria-label={title} className="mt-2 w-full border-collapse text-left text-sm">
            <thead>
              <tr>
                {['From', ...lines.map(({ name }) => name)].map((name, n) => (
                  <th
                    key={name}
                    scope="col"
                    className={classes(
                      'border-b border-line py-1 pr-3 font-medium text-ink-2',
                      n > 0 && 'text-right',
                    )}
                  >
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {said.slice(-ROWS_IN_TABLE).map(({ at, values }) => (
                <tr key={at}>
                  <th scope="row" className="py-0.5 pr-3 font-normal whitespace-nowrap">
                    <Instant at={new Date(at).toISOString()} />
                  </th>
                  {values.map((value, n) => (
                    <td key={lines[n]?.name} className="mono py-0.5 pr-3 text-right">
                      {value === null ? '—' : figure(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  )
}

function Key({ look }: { look: ChartLine['look'] | 'threshold' }) {
  const line = {
    ink: 'stroke-ink',
    faint: 'stroke-ink-3 [stroke-dasharray:4_3]',
    stop: 'stroke-stop',
    threshold: 'stroke-stop [stroke-dasharray:2_3]',
  }[look]
  return (
    <svg aria-hidden width="18" height="6" className={classes('shrink-0', line)}>
      <line x1="0" x2="18" y1="3" y2="3" strokeWidth="1.8" />
    </svg>
  )
}
