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
