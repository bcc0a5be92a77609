import { changeDataKey, readDataKeys } from '../modules/access/data-key/rotate-data-key.ts'
import { rotateSecret } from '../modules/access/data-key/rotate-secret.ts'
import { changeMasterKey } from '../modules/access/rotate-master-key.ts'
import { createSigningKey } from '../modules/playback/create-signing-key.ts'
import { listSigningKeys } from '../modules/playback/list-signing-keys.ts'
import { rotateSigningKey } from '../modules/playback/rotate-signing-key.ts'
import { createApiKeyVerb } from './api-keys.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const keys: Noun = {
  noun: 'keys',
  verbs: {
    list: {
      summary: 'Signing keys, newest first',
      async run(args) {
        const { values } = readArgs(args, {})
        const listed = await withPortal(({ app }, ctx) => app.call(listSigningKeys, {}, ctx))
        print(values.json, listed, () => [
          ...listed.items.map((key) =>
            [key.id, key.state.padEnd(8), key.createdAt, key.reason ?? '—', key.deletedAt ?? '—'].join('  '),
          ),
          listed.rotatesAt ? `next rotation: ${listed.rotatesAt}` : 'no key signs: portal keys create',
        ])
        return 0
      },
    },
    create: {
      summary: 'Make the first signing key; with --owner an API key for that person',
      usage: `[${createApiKeyVerb.usage}]`,
      async run(args) {
        if (args.some((arg) => /^--owner(=|$)/.test(arg))) return await createApiKeyVerb.run(args)
        const { values } = readArgs(args, {})
        const { id, made } = await withPortal(({ app }, ctx) => app.call(createSigningKey, {}, ctx))
        print(values.json, { id, made }, () => [
          made
            ? `Made ${id}; it signs from now on.`
            : `${id} signs already. To replace it: portal keys rotate`,
        ])
        return 0
      },
    },
    'rotate-master': {
      summary: 'Replace the master key, which opens the secrets file; a running portal goes on',
      async run(args) {
        const { values } = readArgs(args, {})
        const rotated = await withPortal(({ app }, ctx) => app.call(changeMasterKey, {}, ctx))
        print(values.json, rotated, () => [
          `The secrets file opens by key ${rotated.to} from now on, and by ${rotated.from} no more.`,
          'Back up the master key anew, apart from the data. Older backups of the secrets file need the older key.',
        ])
        return 0
      },
    },
    'rotate-data': {
      summary: 'Replace the data key, which seals secrets in the database; a running portal goes on',
      async run(args) {
        const { values } = readArgs(args, {})
        const rotated = await withPortal(({ app }, ctx) => app.call(changeDataKey, {}, ctx))
        print(values.json, rotated, () => [
          `Key ${rotated.to} seals from now on; ${rotated.from} opens what it sealed until that is sealed anew.`,
          'The running portal does that and destroys the old key: portal keys data tells how far it is.',
          'Back up the secrets file anew. Older backups of the database need the older secrets file.',
        ])
        return 0
      },
    },
    'rotate-secret': {
      summary:
        'Replace what signs cookies, hashes addresses in counts and logs, or opens /metrics or the cron routes',
      usage: 'cookies|hashes|metrics|cron [--at-once]',
      async run(args) {
        const { values, positionals } = readArgs(args, { 'at-once': { type: 'boolean' } })
        const input = { name: positionals[0], atOnce: values['at-once'] ?? false }
        const rotated = await withPortal(({ app }, ctx) => app.call(rotateSecret, input, ctx))
        print(values.json, rotated, () => [
          input.atOnce
            ? `A new one is in use for ${rotated.name}; the one before holds no more.`
            : `A new one is in use for ${rotated.name}; the one before holds until ${rotated.oldHoldsUntil}.`,
          ...(rotated.name === 'metrics' ? ['Tell it to your scraper: portal telemetry token.'] : []),
        ])
        return 0
      },
    },
    data: {
      summary: 'Data keys, and how much the older ones still hold',
      async run(args) {
        const { values } = readArgs(args, {})
        const status = await withPortal(({ app }, ctx) => app.call(readDataKeys, {}, ctx))
        print(values.json, status, () => [
          `${status.current} seals; ${status.older.length ? `${status.older.join(', ')} still open` : 'there is no other'}.`,
          // Without an older key, what does not name its key was sealed by this one.
          ...Object.entries(status.older.length > 0 ? status.waiting : {})
            .filter(([, n]) => n > 0)
            .map(([place, n]) => `${place.padEnd(34)} ${n} wait`),
        ])
        return 0
      },
    },
    rotate: {
      summary: 'Replace the signing key now',
      usage: '[--compromised --reason text]',
      async run(args) {
        const { values } = readArgs(args, { compromised: { type: 'boolean' }, reason: { type: 'string' } })
        const { json, compromised, reason } = values
        const input = {
          reason: compromised ? 'compromised' : 'requested',
          ...(reason === undefined ? {} : { note: reason }),
        }
        const result = await withPortal(({ app }, ctx) => app.call(rotateSigningKey, input, ctx))
        print(json, result, () => [`${result.id} signs from now on.`, afterwards(result, compromised)])
        return compromised && !result.oldTokensDead ? 1 : 0
      },
    },
  },
}

function afterwards(
  { retiredId, oldTokensDead }: { retiredId: string; oldTokensDead: boolean },
  compromised = false,
): string {
  if (!compromised)
    return `${retiredId} is deleted once its last token has ended, within a quarter of an hour.`
  return oldTokensDead
    ? 'Every older key is deleted at the video service: what it signed opens nothing. A second person must review this in the portal.'
    : `The video service has NOT confirmed the deletion of ${retiredId}: its tokens may still open media. The portal goes on trying.`
}
