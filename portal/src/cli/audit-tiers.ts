import { writeFile } from 'node:fs/promises'
import { listArchive } from '../modules/audit/archive/list-archive.ts'
import { readTiers } from '../modules/audit/archive/read-tiers.ts'
import { restoreRange, verifyArchive } from '../modules/audit/archive/restore-range.ts'
import { tendTiers } from '../modules/audit/archive/tend-tiers.ts'
import { print, readArgs, type Verb, withPortal } from './command.ts'

const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`

/** Verbs of the noun `audit` about what lies where. */
export const tierVerbs: Record<string, Verb> = {
  tiers: {
    summary: 'What lies in which tier, and how the log grows; --apply moves what is due',
    usage: '[--apply]',
    async run(args) {
      const { values } = readArgs(args, { apply: { type: 'boolean', default: false } })
      const answer = await withPortal(async ({ app }, ctx) => {
        const run = values.apply ? await app.call(tendTiers, {}, ctx) : null
        return { ...(await app.call(readTiers, {}, ctx)), run }
      })
      const { tiers, days, growth, run } = answer
      const newest = days.at(-1)
      print(values.json, answer, () => [
        ...tiers.map(
          ({ tier, entries, sealed, oldest }) =>
            `${tier.padEnd(8)} ${String(entries).padStart(10)} entries  ${String(sealed).padStart(8)} sealed  oldest ${oldest ?? 'none'}`,
        ),
        newest ? `${mebibytes(newest.totalBytes)} on ${newest.day}` : 'Sizes were not measured yet.',
        growth
          ? `${growth.percent} % more than on ${growth.fromDay}; the bar is ${growth.barPercent} % a quarter`
          : 'No two measures a quarter apart yet.',
        ...(run
          ? [
              `moved: ${run.warmed} warm, ${run.archived} archived, ${run.sealed} sealed, ${run.removed} entries removed`,
            ]
          : []),
        ...(run?.faults ?? []),
      ])
      return run?.faults.length ? 1 : 0
    },
  },
  archive: {
    summary: 'Ranges in the archive: listed, restored and proven, or one restored into a file',
    usage: 'list | verify [RANGE] | restore RANGE --out FILE',
    async run(args) {
      const { values, positionals } = readArgs(args, { out: { type: 'string' } })
      const [what, range] = positionals
      if (what === 'list') return await list(values.json)
      if (what === 'verify') return await verify(values.json, range === undefined ? 'all' : Number(range))
      if (what === 'restore' && range !== undefined && values.out !== undefined)
        return await restore(values.json, range, values.out)
      process.stderr.write('audit archive list | verify [RANGE] | restore RANGE --out FILE\n')
      return 2
    },
  },
}

async function list(json: boolean | undefined): Promise<number> {
  const ranges = await withPortal(({ app }, ctx) => app.call(listArchive, {}, ctx))
  print(json, ranges, () =>
    ranges.items.length
      ? ranges.items.map(
          ({ n, from, to, kept, bytes, key, sha256 }) =>
            `${String(n).padStart(6)}  entries ${from} to ${to - 1}  ${kept} kept  ${bytes} bytes  sha256 ${sha256}  ${key}`,
        )
      : ['Nothing is in the archive yet.'],
  )
  return 0
}

async function verify(json: boolean | undefined, which: 'all' | number): Promise<number> {
  const report = await withPortal(({ app }, ctx) => verifyArchive(app, ctx, which))
  print(json, report, () => [
    `${report.ranges} ranges restored, ${report.entries} entries proven, ${mebibytes(report.bytes)}`,
    ...report.faults,
    report.faults.length ? 'NOT VERIFIED' : 'VERIFIED',
  ])
  return report.faults.length ? 1 : 0
}

/** JSON Lines: entries as an export has them, and where a seal removed the text. */
async function restore(json: boolean | undefined, range: string, out: string): Promise<number> {
  const restored = await withPortal(({ app }, ctx) => app.call(restoreRange, { n: range }, ctx))
  const { n, from, to, entries, provenUnder } = restored
  const lines = entries.map((entry, at) =>
    JSON.stringify(
      entry === null ? { type: 'removed', index: from + at } : { type: 'entry', index: from + at, entry },
    ),
  )
  await writeFile(out, `${lines.join('\n')}\n`, { mode: 0o600 })
  print(json, { n, from, to, provenUnder, file: out }, () => [
    `Written: ${out}, entries ${from} to ${to - 1}, proven under the signed head of ${provenUnder} entries`,
  ])
  return 0
}
