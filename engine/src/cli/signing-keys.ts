import {
  createSigningKey,
  deleteSigningKey,
  type SigningKeyRow,
  signingKeyJson,
} from '#engine/signing-keys/signing-keys.ts'
import { CliError, type Noun, table } from './command.ts'

export const signingKeys: Noun = {
  name: 'signing-keys',
  verbs: {
    create: {
      summary: 'a key for playback tokens; the private half is shown this once',
      async run({ open }) {
        const { ctx } = await open()
        const { key, privateKey } = await createSigningKey(ctx)
        return {
          data: { ...signingKeyJson(key), private_key: privateKey },
          text: `MUX_SIGNING_KEY=${key.id}\nMUX_PRIVATE_KEY=${privateKey}`,
        }
      },
    },
    list: {
      summary: 'newest first',
      async run({ open }) {
        const { ctx } = await open()
        const { rows } = await ctx.pool.query<SigningKeyRow>(
          `select id, public_key, created_at from engine.signing_keys where deleted_at is null
           order by created_at desc, id desc`,
        )
        return {
          data: rows.map(signingKeyJson),
          text: table(
            ['ID', 'CREATED'],
            rows.map((row) => [row.id, row.created_at.toISOString()]),
          ),
        }
      },
    },
    delete: {
      args: '<key>',
      summary: 'its tokens open nothing from now on, and what they opened ends',
      async run({ args, open }) {
        const { ctx } = await open()
        if (!(await deleteSigningKey(ctx, args[0]!))) throw new CliError('There is no such key.')
        return { data: { deleted: args[0] }, text: `deleted ${args[0]}` }
      },
    },
  },
}
