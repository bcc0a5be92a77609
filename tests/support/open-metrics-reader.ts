export type Family = {
  type: string
  unit: string | null
  help: string | null
  samples: { name: string; labels: Map<string, string>; value: number }[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const NUMBER = /^[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|Inf|NaN)$/
const LABELS = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/y
const SUFFIXES: { [type: string]: string[] } = {
  counter: ['_total', '_created'],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  summary: ['', '_count', '_sum', '_created'],
  gauge: [''],
  unknown: [''],
  info: ['_info'],
}

/**
 * Reads an OpenMetrics 1.0 exposition as strictly as the standard allows: one block a family, known types, suffixes of
 * the type, unit at the end of the name, no sample twice, buckets that grow and end at +Inf, the end mark last.
 * @throws Error with the line that breaks a rule
 */
export function readOpenMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n# EOF\n')) throw new Error('it does not end with # EOF')
  const families = new Map<string, Family>()
  let current: [string, Family] | null = null
  const seen = new Set<string>()
  for (const line of text.slice(0, -'# EOF\n'.length - 1).split('\n')) {
    const refuse = (why: string): never => {
      throw new Error(`${why}: ${line}`)
    }
    const meta = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(line)
    if (meta) {
      const [, what, name = '', value = ''] = meta
      if (!NAME.test(name)) refuse('no name')
      if (current?.[0] !== name) {
        if (families.has(name)) refuse('a family in two places')
        current = [name, { type: 'unknown', unit: null, help: null, samples: [] }]
        families.set(...current)
      }
      const [, family] = current as [string, Family]
      if (family.samples.length > 0) refuse('metadata after samples')
      if (what === 'HELP') family.help = value
      if (what === 'UNIT') family.unit = name.endsWith(`_${value}`) ? value : refuse('unit not in the name')
      if (what === 'TYPE') family.type = value in SUFFIXES ? value : refuse('unknown type')
      continue
    }
    const sample = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!sample || !current) return refuse('no sample')
    const [, name = '', labelText = '', value = ''] = sample
    const [familyName, family] = current
    if (!SUFFIXES[family.type]?.some((suffix) => name === familyName + suffix))
      refuse('a sample of another family')
    if (!NUMBER.test(value)) refuse('no number')
    if (seen.has(`${name}{${labelText}`)) refuse('a sample twice')
    seen.add(`${name}{${labelText}`)
    const labels = readLabels(labelText) ?? refuse('labels')
    if (family.type === 'counter' && !(Number(value) >= 0)) refuse('a counter below zero')
    family.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) })
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkBuckets(name, family)
  return families
}

function readLabels(text: string): Map<string, string> | null {
  const labels = new Map<string, string>()
  for (let at = 0; at < text.length; at = LABELS.lastIndex) {
    LABELS.lastIndex = at
    const found = LABELS.exec(text)
    if (!found || labels.has(found[1]!)) return null
    labels.set(found[1]!, found[2]!)
  }
  return labels
}

function checkBuckets(name: string, { samples }: Family): void {
  const series = Map.groupBy(samples, ({ labels }) =>
    [...labels]
      .filter(([label]) => label !== 'le')
      .map(String)
      .sort()
      .join(),
  )
  for (const own of series.values()) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels.get('le')?.replace('Inf', 'Infinity')))
    const rising = (values: number[]) => values.every((value, n) => n === 0 || value >= values[n - 1]!)
    if (bounds.at(-1) !== Infinity || !rising(bounds)) throw new Error(`${name}: bounds do not rise to +Inf`)
    if (!rising(buckets.map(({ value }) => value))) throw new Error(`${name}: buckets do not add up`)
    const count = own.find((sample) => sample.name === `${name}_count`)
    if (count?.value !== buckets.at(-1)?.value) throw new Error(`${name}: count is not the last bucket`)
  }
}
