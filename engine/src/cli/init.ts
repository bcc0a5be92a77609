import { randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError, type Noun } from './command.ts'

export const init: Noun = {
  name: 'init',
  verbs: {
    '': {
      summary: 'writes .env with generated secrets; --database-url postgres://…',
      options: { 'database-url': { type: 'string' }, 'data-dir': { type: 'string' } },
      async run({ values, env }) {
        const databaseUrl = values['database-url'] ?? env.DATABASE_URL
        if (!databaseUrl) {
          throw new CliError('Say which Postgres: --database-url postgres://user:password@host/database', 64)
        }
        const id = randomUUID()
        const secret = randomBytes(32).toString('base64url')
        const lines = [
          `DATABASE_URL=${quoted(String(databaseUrl))}`,
          `ENGINE_DATA_DIR=${quoted(resolve(String(values['data-dir'] ?? env.ENGINE_DATA_DIR ?? 'engine-data')))}`,
          `ENGINE_TOKEN_ID=${id}`,
          `ENGINE_TOKEN_SECRET=${secret}`,
          `ENGINE_SESSION_SECRET=${randomBytes(32).toString('base64url')}`,
          '# Where browsers find the engine, once that is not this machine:',
          '# ENGINE_PUBLIC_URL=https://video.example.com',
        ]
        const path = resolve('.env')
        await writeFile(path, `${lines.join('\n')}\n`, { flag: 'wx', mode: 0o600 }).catch((error) => {
          throw error.code === 'EEXIST'
            ? new CliError(`${path} is there already; it is left as it is.`)
            : error
        })
        return {
          data: { path, tokenId: id },
          text: `wrote ${path} (only you can read it); now: serve\nThe API’s id and secret are ENGINE_TOKEN_ID and ENGINE_TOKEN_SECRET in it.`,
        }
      },
    },
  },
}

function quoted(value: string): string {
  if (/[\n"]/.test(value)) throw new CliError('A value can’t hold a quote or a line break.', 64)
  return /^[\w./:@%?=&+,-]*$/.test(value) ? value : `"${value}"`
}
