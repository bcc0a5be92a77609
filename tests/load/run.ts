// `npm run bench -- NAME [--json]`: speed beside its floor, in one run. Exit 0 only if the bar holds.
import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Bench, BenchResult } from './bench.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const NOT_BENCHES = new Set([
  'run',
  'bench',
  'rank',
  'fill-shares',
  'share-queries',
  'fill-audit',
  'audit-size',
])

function benches(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -3))
    .filter((name) => !NOT_BENCHES.has(name))
    .sort()
}

const figure = (value: number | null) =>
  value === null ? '—' : value >= 100 ? value.toFixed(0) : value.toPrecision(3)

function table(name: string, result: BenchResult): string {
  const { ours, floor, ratio, p50, p95, p99, unit, bar, holds, notes = {} } = result
  const lines = [
    ['benchmark', name],
    ['ours', `${figure(ours)} ${unit}`],
    ['floor', floor === null ? '—' : `${figure(floor)} ${unit}`],
    ['ratio', figure(ratio)],
    ['p50, p95, p99', `${figure(p50)}, ${figure(p95)}, ${figure(p99)} ms`],
    ['bar', bar],
    ['holds', holds ? 'yes' : 'NO'],
    ...Object.entries(notes).map(([key, value]) => [key, typeof value === 'number' ? figure(value) : value]),
  ]
  return lines.map(([key = '', value = '']) => `${key.padEnd(22)} ${value}`).join('\n')
}

// Ending in order is what lets a started portal be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const args = process.argv.slice(2)
const json = args.includes('--json')
// The number after --shares is that bench's own.
const names = args.filter((arg, n) => !arg.startsWith('--') && args[n - 1] !== '--shares')
const unknown = names.filter((name) => !benches().includes(name))
if (!names.length || unknown.length) {
  process.stderr.write(`npm run bench -- NAME [--json], where NAME is one of: ${benches().join(', ')}.\n`)
  process.exit(2)
}
let allHold = true
for (const name of names) {
  const module: { run: Bench } = await import(pathToFileURL(`${FOLDER}${name}.ts`).href)
  const result = await module.run({ json })
  allHold &&= result.holds
  process.stdout.write(json ? `${JSON.stringify({ name, ...result })}\n` : `${table(name, result)}\n\n`)
}
process.exit(allHold ? 0 : 1)
