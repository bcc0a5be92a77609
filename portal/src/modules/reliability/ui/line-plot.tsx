'use client'

import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import type { TelemetryRange } from '../answers.ts'
import type { ChartLine, ChartRow } from './chart-spans.ts'

const LOOKS = {
  ink: { stroke: 'var(--ink)', strokeWidth: 1.6 },
  faint: { stroke: 'var(--ink-3)', strokeWidth: 1.4, strokeDasharray: '4 3' },
  stop: { stroke: 'var(--stop)', strokeWidth: 1.6 },
} as const

const HOUR_MS = 3_600_000
const ROUND_MS: Record<TelemetryRange, number> = {
  '1h': HOUR_MS / 4,
  '24h': 4 * HOUR_MS,
  '7d': 24 * HOUR_MS,
  '30d': 5 * 24 * HOUR_MS,
  '180d': 30 * 24 * HOUR_MS,
}
const TICK = { fill: 'var(--ink-2)', fontSize: 12 }

export type PlotProps = {
  rows: ChartRow[]
  lines: ChartLine[]
  range: TelemetryRange
  figure: (value: number) => string
  /** A line that is not to be crossed. */
  threshold?: number
}

/**
 * Drawn in the browser alone: the page's policy takes no style attribute from the server. What it shows is in the table
 * behind it, so it is hidden from those who hear the page.
 */
export default function LinePlot({ rows, lines, range, figure, threshold }: PlotProps) {
  const time = (at: number) => timeOf(at, range)
  return (
    <ResponsiveContainer width="100%" height={190}>
      <LineChart data={rows} accessibilityLayer={false} margin={{ top: 8, right: 10, bottom: 0, left: 0 }}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="at"
          type="number"
          domain={['dataMin', 'dataMax']}
          ticks={roundTimes(rows, range)}
          interval="equidistantPreserveStart"
          tickFormatter={time}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: 'var(--line-strong)' }}
          minTickGap={24}
        />
        <YAxis
          width={52}
          tickFormatter={figure}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          domain={[0, (most: number) => Math.max(most, threshold ?? 0, 1)]}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--line-strong)' }}
          content={({ active, payload, label }) =>
            active && payload.length > 0 ? (
              <div className="rounded-control border border-line bg-surface px-2.5 py-1.5 text-xs shadow-float">
                <p className="text-ink-2">{time(Number(label))}</p>
                {payload.map((one, n) => (
                  <p key={String(one.name)} className="mono">
                    {lines[n]?.name}: {one.value == null ? '—' : figure(Number(one.value))}
                  </p>
                ))}
              </div>
            ) : null
          }
        />
        {threshold !== undefined && (
          <ReferenceLine y={threshold} stroke="var(--stop)" strokeDasharray="2 3" />
        )}
        {lines.map((line, n) => (
          <Line
            key={line.name}
            name={line.name}
            dataKey={(row: ChartRow) => row.values[n]}
            type={line.gap === 'same' ? 'stepAfter' : 'linear'}
            dot={line.gap === 'unknown' ? { r: 1.4, fill: LOOKS[line.look].stroke } : false}
            connectNulls={line.gap === 'unknown'}
            isAnimationActive={false}
            {...LOOKS[line.look]}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  )
}

/** Times that people say, in the reader's own zone: whole hours of a day, midnights of a month. */
function roundTimes(rows: ChartRow[], range: TelemetryRange): number[] {
  const [from = 0, until = 0] = [rows[0]?.at, rows.at(-1)?.at]
  const step = ROUND_MS[range]
  const zone = new Date(from).getTimezoneOffset() * 60_000
  const first = Math.ceil((from - zone) / step) * step + zone
  return Array.from(
    { length: Math.max(0, Math.floor((until - first) / step) + 1) },
    (_, n) => first + n * step,
  )
}

function timeOf(at: number, range: TelemetryRange): string {
  const date = new Date(at)
  return range === '1h' || range === '24h'
    ? date.toLocaleTimeString('en-AU', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    : date.toLocaleDateString('en-AU', { day: 'numeric', month: 'short' })
}
