import { classes } from '#portal/ui/classes.ts'
import { counted } from '#portal/ui/words.ts'

export type TimeHistogramData = {
  count: number
  p50: number | null
  p99: number | null
  max: number | null
  boundMs: number
  beyond: number
  classes: { upToMs: number | null; count: number; beyond: boolean }[]
}

/** "46 ms", "1 s", "5 min". */
export function msInWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  return ms < 60_000 ? `${Number((ms / 1000).toFixed(2))} s` : `${Number((ms / 60_000).toFixed(1))} min`
}

const upTo = (ms: number | null) => (ms === null ? 'longer' : `≤ ${msInWords(ms)}`)

const HEIGHT = 140
const BAR = 34
const FOOT = 18

/** How long something took, in classes, with the declared bound; the same as a table behind it. */
export function TimeHistogram({
  title,
  about,
  bound,
  none,
  data,
}: {
  title: string
  about: string
  /** the declared bound in words */
  bound: string
  /** said where nothing was measured yet */
  none: string
  data: TimeHistogramData
}) {
  const id = title.toLowerCase().replaceAll(' ', '-')
  return (
    <section
      aria-labelledby={id}
      className="grid grid-cols-1 content-start gap-3 rounded-card border border-line bg-surface p-5"
    >
      <div>
        <h2 id={id}>{title}</h2>
        <p className="text-ink-2">{about}</p>
      </div>
      <dl className="flex flex-wrap gap-x-6 gap-y-2">
        <Fact name="Declared bound">{bound}</Fact>
        <Fact name="p50">{data.p50 === null ? '—' : msInWords(data.p50)}</Fact>
        <Fact name="p99">{data.p99 === null ? '—' : msInWords(data.p99)}</Fact>
        <Fact name="Longest">{data.max === null ? '—' : msInWords(data.max)}</Fact>
        <Fact name="Beyond the bound" stop={data.beyond > 0}>
          {data.beyond} of {data.count}
        </Fact>
      </dl>
      {data.count === 0 ? <p className="text-ink-2">{none}</p> : <Bars data={data} title={title} />}
      {data.count > 0 && <AsTable data={data} title={title} />}
    </section>
  )
}

function Fact({ name, stop, children }: { name: string; stop?: boolean; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-ink-2">{name}</dt>
      <dd className={classes('mono', stop && 'text-stop')}>{children}</dd>
    </div>
  )
}

/** Read as a picture; its numbers are in the table below it. */
function Bars({ data, title }: { data: TimeHistogramData; title: string }) {
  const most = Math.max(...data.classes.map(({ count }) => count), 1)
  // What nobody was as fast as says nothing, and a phone has no room for it.
  const fastest = data.classes.findIndex(({ count }) => count > 0)
  const shown = data.classes.slice(Math.max(0, fastest - 1))
  const width = shown.length * BAR
  return (
    <div>
      <svg
        role="img"
        aria-label={`${title}: ${counted(data.count, 'measurement')} by time; the table below has the numbers`}
        viewBox={`0 0 ${width} ${HEIGHT + FOOT + 14}`}
        width={width}
        height={HEIGHT + FOOT + 14}
        className="h-auto max-w-full"
      >
        {shown.map(({ upToMs, count, beyond }, index) => {
          const height = count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT)
          return (
            <g key={upToMs ?? 'longer'}>
              <rect
                x={index * BAR + 3}
                y={14 + HEIGHT - height}
                width={BAR - 6}
                height={height}
                rx={2}
                className={beyond ? 'fill-stop' : 'fill-ink'}
              />
              {count > 0 && (
                <text
                  x={index * BAR + BAR / 2}
                  y={10 + HEIGHT - height}
                  textAnchor="middle"
                  className="mono fill-ink-2 text-[10px]"
                >
                  {count}
                </text>
              )}
              <text
                x={index * BAR + BAR / 2}
                y={14 + HEIGHT + FOOT - 4}
                textAnchor="middle"
                className="mono fill-ink-2 text-[10px]"
              >
                {upToMs === null ? '∞' : shortly(upToMs)}
              </text>
            </g>
          )
        })}
        <line x1={0} x2={width} y1={14 + HEIGHT} y2={14 + HEIGHT} className="stroke-line-strong" />
      </svg>
      <p className="text-xs text-ink-2">Up to so long; s: seconds, else milliseconds.</p>
    </div>
  )
}

const shortly = (ms: number) => (ms < 1000 ? String(ms) : `${ms / 1000} s`)

function AsTable({ data, title }: { data: TimeHistogramData; title: string }) {
  return (
    <details>
      <summary className="cursor-pointer rounded-chip text-sm text-ink-2">The numbers as a table</summary>
      <table aria-label={title} className="mt-2 w-full max-w-80 border-collapse text-left text-sm">
        <thead>
          <tr>
            <th scope="col" className="border-b border-line py-1 font-medium text-ink-2">
              Took
            </th>
            <th scope="col" className="border-b border-line py-1 text-right font-medium text-ink-2">
              Times
            </th>
          </tr>
        </thead>
        <tbody>
          {data.classes.map(({ upToMs, count, beyond }) => (
            <tr key={upToMs ?? 'longer'}>
              <th scope="row" className="py-0.5 font-normal">
                {upTo(upToMs)}
                {beyond && ', beyond the bound'}
              </th>
              <td className="mono py-0.5 text-right">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
