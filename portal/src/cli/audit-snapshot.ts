import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { askSnapshot, listSnapshots } from '../modules/audit/snapshot/ask-snapshot.ts'
import { takeSnapshot } from '../modules/audit/snapshot/take-snapshot.ts'
import { verifySnapshot } from '../modules/audit/snapshot/verify-snapshot.ts'
import { writeSnapshot } from '../modules/audit/snapshot/write-snapshot.ts'
import { print, readArgs, type Verb, withPortal } from './command.ts'

/** The verb `snapshot` of the noun `audit`. */
export const snapshotVerb: Verb = {
  summary: 'Seals a time of the log with what it names into a signed archive, for an incident',
  usage: '--from T --to T --incident NAME --reason TEXT --out FILE | list | verify FILE --vkey KEY',
  async run(args) {
    const { values, positionals } = readArgs(args, {
      from: { type: 'string' },
      to: { type: 'string' },
      incident: { type: 'string' },
      reason: { type: 'string', default: 'by command' },
      out: { type: 'string' },
      vkey: { type: 'string', multiple: true },
    })
    const { json, out, vkey, ...asked } = values
    const [what, file] = positionals
    if (what === 'list') return await list(json)
    if (what === 'verify' && file !== undefined) return await verify(json, file, vkey)
    return await take(json, asked, out)
  },
}

async function take(json: boolean | undefined, asked: object, out: string | undefined): Promise<number> {
  const taken = await withPortal(async ({ app }, ctx) => {
    const { id } = await app.call(askSnapshot, asked, ctx)
    const written = await writeSnapshot(app, ctx, id)
    if (out === undefined) return { id, file: null, ...written }
    const { stream } = await app.call(takeSnapshot, { id }, ctx)
    await pipeline(await stream(), createWriteStream(out, { mode: 0o600 }))
    return { id, file: out, ...written }
  })
  print(json, taken, () => [
    `${taken.id}: ${taken.entries} entries, ${taken.bytes} bytes, sha256 ${taken.sha256}`,
    taken.file
      ? `Written: ${taken.file}`
      : `Kept as ${taken.key}; take it with --out FILE or on the audit pages.`,
  ])
  return 0
}

async function list(json: boolean | undefined): Promise<number> {
  const { items } = await withPortal(({ app }, ctx) => app.call(listSnapshots, {}, ctx))
  print(json, { items }, () =>
    items.length
      ? items.map(
          ({ id, incident, status, from, to, entriesDone }) =>
            `${id}  ${incident.padEnd(20)} ${status.padEnd(8)} ${from} to ${to}  ${entriesDone} entries`,
        )
      : ['No snapshot was taken yet.'],
  )
  return 0
}

async function verify(json: boolean | undefined, file: string, vkey: string[] | undefined): Promise<number> {
  const vkeys = vkey ?? [await withPortal(async ({ auditLog }) => auditLog.vkey)]
  const report = await verifySnapshot(await readFile(file), { vkeys })
  print(json, report, () => [
    `${report.id ?? 'unknown'} (${report.incident ?? 'unknown'}): ${report.entries} events`,
    ...report.faults,
    report.ok ? 'VERIFIED' : 'NOT VERIFIED',
  ])
  return report.ok ? 0 : 1
}
