import { createApiKey } from '../modules/access/create-api-key.ts'
import { listApiKeys } from '../modules/access/list-api-keys.ts'
import { revokeApiKey } from '../modules/access/revoke-api-key.ts'
import { type Noun, print, readArgs, type Verb, withPortal } from './command.ts'

/** Makes an API key for a person; also under `keys create`, where --owner is given. */
export const createApiKeyVerb: Verb = {
  summary: 'Make an API key for a person; printed this once',
  usage: '--owner E-MAIL --scopes share.create,video.* [--name N] [--days 90]',
  async run(args) {
    const { values } = readArgs(args, {
      owner: { type: 'string' },
      scopes: { type: 'string' },
      name: { type: 'string', default: 'Command line' },
      days: { type: 'string' },
    })
    const scopes = (values.scopes ?? '').split(',').flatMap((scope) => scope.trim() || [])
    const { owner, name, days } = values
    const made = await withPortal(({ app }, ctx) =>
      app.call(createApiKey, { owner, name, scopes, ...(days ? { days } : {}) }, ctx),
    )
    print(values.json, made, () => [
      `API key ${made.id}, until ${made.expiresAt}. Shown this once:`,
      made.key,
    ])
    return 0
  },
}

/** Keys that programs carry in `Authorization: Bearer`. */
export const apiKeys: Noun = {
  noun: 'api-keys',
  verbs: {
    create: createApiKeyVerb,
    list: {
      summary: 'The newest API keys of everybody',
      async run(args) {
        const { values } = readArgs(args, {})
        const keys = await withPortal(({ app }, ctx) => app.call(listApiKeys, {}, ctx))
        print(values.json, { keys }, () =>
          keys.length === 0
            ? ['There are no API keys.']
            : keys.map(({ id, shown, status, owner, name, scopes, expiresAt, lastUsedOn }) =>
                [
                  id,
                  shown,
                  status,
                  owner,
                  name,
                  scopes.join(','),
                  `until ${expiresAt}`,
                  `used ${lastUsedOn ?? 'never'}`,
                ].join('  '),
              ),
        )
        return 0
      },
    },
    revoke: {
      summary: 'End an API key at once',
      usage: 'ID',
      async run(args) {
        const { values, positionals } = readArgs(args, {})
        const [id] = positionals
        if (id === undefined) {
          process.stderr.write('Missing: the ID of a key, as api-keys list shows it\n')
          return 2
        }
        const result = await withPortal(({ app }, ctx) => app.call(revokeApiKey, { id }, ctx))
        print(values.json, result, () => [`${result.id} is revoked.`])
        return 0
      },
    },
  },
}
