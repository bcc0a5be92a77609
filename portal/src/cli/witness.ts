import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTimestamps, type StoredTimestamp } from '../modules/audit/witness/stamp-heads.ts'
import { main } from '../modules/audit/witness/witness.mjs'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const witness: Noun = {
  noun: 'witness',
  verbs: {
    run: {
      summary: 'Be a witness of somebody else’s log, until stopped',
      usage: '--state FOLDER --log VKEY [--name NAME] [--host HOST] [--port PORT]',
      run: async (args) => (await main(args)) ?? (await new Promise<number>(() => {})),
    },
    vkey: {
      summary: 'What the witness of a folder is known by',
      usage: '--state FOLDER [--name NAME]',
      run: async (args) => (await main(['vkey', ...args])) ?? 0,
    },
    timestamps: {
      summary: 'Time-stamps of heads (RFC 3161), as files for openssl ts',
      usage: '[--out FOLDER]',
      async run(args) {
        const { values } = readArgs(args, { out: { type: 'string' } })
        const stamps = await withPortal(({ app }) => readTimestamps(app.pool))
        if (values.out !== undefined) await writeStamps(values.out, stamps)
        const items = stamps.map(({ size, authority, stampedAt }) => ({ size, authority, stampedAt }))
        print(values.json, { items }, () => [
          ...items.map((one) => `${one.stampedAt.toISOString()}  ${one.size} entries  ${one.authority}`),
          'openssl ts -verify -data SIZE.checkpoint -in SIZE.tsr -CAfile the-authority.pem',
        ])
        return 0
      },
    },
    list: {
      summary: 'The witnesses of this log, and what each said last',
      async run(args) {
        const { values } = readArgs(args, {})
        const { witnesses } = await withPortal(({ app }) => app.auditReader.status())
        print(values.json, { witnesses }, () =>
          witnesses.length === 0
            ? ['No witness is configured: AUDIT_WITNESSES']
            : witnesses.map(({ name, outcome, size, cosignedAt }) =>
                [
                  name,
                  outcome ?? 'not asked yet',
                  `${size} entries`,
                  cosignedAt?.toISOString() ?? 'never',
                ].join('  '),
              ),
        )
        return witnesses.every(({ outcome }) => outcome === 'cosigned') ? 0 : 1
      },
    },
  },
}

/** Two files a time-stamp: the checkpoint as it was stamped, and the authority's answer. */
async function writeStamps(folder: string, stamps: StoredTimestamp[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { size, note, response } of stamps) {
    await writeFile(join(folder, `${size}.checkpoint`), note)
    await writeFile(join(folder, `${size}.tsr`), response)
  }
}
