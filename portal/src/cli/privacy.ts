import { writeFile } from 'node:fs/promises'
import type { Erasure, InventoryTable } from '../modules/privacy/answers.ts'
import { askErasure } from '../modules/privacy/ask-erasure.ts'
import { approveErasure, declineErasure } from '../modules/privacy/decide-erasure.ts'
import { exportErasure } from '../modules/privacy/export-erasure.ts'
import { getErasure, listErasures } from '../modules/privacy/list-erasures.ts'
import { readInventory } from '../modules/privacy/read-inventory.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const privacy: Noun = {
  noun: 'privacy',
  verbs: {
    inventory: {
      summary: 'Where data lies: label, whom it tells of, what an erasure does',
      async run(args) {
        const { values } = readArgs(args, {})
        const inventory = await withPortal(({ app }, ctx) => app.call(readInventory, {}, ctx))
        print(values.json, inventory, () => inventory.items.map(tableLine))
        return 0
      },
    },
    erase: {
      summary: 'Asks for a person’s erasure; a second person agrees',
      usage:
        'ADDRESS|ID --reference TICKET [--reason erasure_request] [--also ADDRESS …] [--videos transfer|delete] [--successor ADDRESS]',
      async run(args) {
        const { values, positionals } = readArgs(args, {
          reference: { type: 'string' },
          reason: { type: 'string', default: 'erasure_request' },
          also: { type: 'string', multiple: true },
          videos: { type: 'string' },
          successor: { type: 'string' },
        })
        const { json, also, ...request } = values
        const input = { person: positionals[0], addresses: also ?? [], ...request }
        const asked = await withPortal(({ app }, ctx) => app.call(askErasure, input, ctx))
        print(json, asked, () => [
          `${asked.id}  waits for a second person of compliance or security, on the page People, Erasures.`,
        ])
        return 0
      },
    },
    erasures: {
      summary: 'Erasures, newest first; with an ID, what was removed where',
      usage: '[ID]',
      async run(args) {
        const { values, positionals } = readArgs(args, {})
        const [id] = positionals
        const items = await withPortal(async ({ app }, ctx) =>
          id
            ? [await app.call(getErasure, { id }, ctx)]
            : (await app.call(listErasures, { limit: 200 }, ctx)).items,
        )
        print(values.json, { items }, () => (items.length ? items.flatMap(lines) : ['None was asked for.']))
        return 0
      },
    },
    approve: decision(approveErasure, 'Agrees to an erasure that somebody else has asked for'),
    decline: decision(declineErasure, 'Declines an erasure that somebody else has asked for'),
    evidence: {
      summary: 'Evidence of an erasure, with receipts, as a file or on the screen',
      usage: 'ID [--out FILE]',
      async run(args) {
        const { values, positionals } = readArgs(args, { out: { type: 'string' } })
        const evidence = await withPortal(({ app }, ctx) =>
          app.call(exportErasure, { id: positionals[0] }, ctx),
        )
        if (values.out) await writeFile(values.out, `${JSON.stringify(evidence, null, 2)}\n`, { mode: 0o600 })
        else process.stdout.write(`${JSON.stringify(evidence)}\n`)
        return 0
      },
    },
  },
}

function decision(operation: typeof approveErasure, summary: string): Noun['verbs'][string] {
  return {
    summary,
    usage: 'ID',
    async run(args) {
      const { values, positionals } = readArgs(args, {})
      const decided = await withPortal(({ app }, ctx) => app.call(operation, { id: positionals[0] }, ctx))
      print(values.json, decided, () => [`${decided.id}  ${decided.status}`])
      return 0
    },
  }
}

function tableLine({ table, label, of, holds, columns }: InventoryTable): string {
  const fates = columns.map(({ column, fate }) => `${column}: ${fate}`).join(', ')
  return `${table.padEnd(38)} ${label.padEnd(13)} ${of.padEnd(8)} ${holds}${fates && `; ${fates}`}`
}

function lines(erasure: Erasure): string[] {
  const { id, status, kind, person, reference, askedAt, finishedAt, failure, removed } = erasure
  return [
    `${id}  ${status.padEnd(8)}  ${kind.padEnd(8)} ${person ?? ''}  ${reference}  asked ${askedAt}${finishedAt ? `, done ${finishedAt}` : ''}`,
    ...(failure ? [`  held up: ${failure}`] : []),
    ...removed.map(({ place, did, rows }) => `  ${String(rows).padStart(6)} ${did.padEnd(12)} ${place}`),
  ]
}
