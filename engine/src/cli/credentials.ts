import { createCredential, deleteCredential, listCredentials } from '#engine/credentials/credentials.ts'
import { CliError, type Noun, table } from './command.ts'

export const credentials: Noun = {
  name: 'credentials',
  verbs: {
    create: {
      args: '[name]',
      summary: 'a further id and secret for the API; the secret is shown this once',
      async run({ args, open }) {
        const { ctx } = await open()
        const made = await createCredential(ctx, args[0] ?? null)
        return { data: made, text: `MUX_TOKEN_ID=${made.id}\nMUX_TOKEN_SECRET=${made.secret}` }
      },
    },
    list: {
      summary: 'ids and names; the one of the settings is not among them',
      async run({ open }) {
        const { ctx } = await open()
        const rows = await listCredentials(ctx.pool)
        return {
          data: rows,
          text: table(
            ['ID', 'CREATED', 'NAME'],
            rows.map((row) => [row.id, row.created_at.toISOString(), row.name]),
          ),
        }
      },
    },
    delete: {
      args: '<id>',
      summary: 'refused everywhere within 5 seconds',
      async run({ args, open }) {
        const { ctx } = await open()
        if (!(await deleteCredential(ctx, args[0]!))) throw new CliError('There is no such credential.')
        return { data: { deleted: args[0] }, text: `deleted ${args[0]}` }
      },
    },
  },
}
