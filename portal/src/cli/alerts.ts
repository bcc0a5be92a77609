import { listAlerts } from '../modules/notifications/list-alerts.ts'
import { resolveAlert } from '../modules/notifications/settle-alert.ts'
import { testChannels } from '../modules/notifications/test-channels.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const alerts: Noun = {
  noun: 'alerts',
  verbs: {
    list: {
      summary: 'Alerts, newest first; by default those that are open',
      usage: '[--state open|past] [--limit 50] [--cursor C]',
      async run(args) {
        const { values } = readArgs(args, {
          state: { type: 'string' },
          limit: { type: 'string' },
          cursor: { type: 'string' },
        })
        const { json, ...filter } = values
        const page = await withPortal(({ app }, ctx) => app.call(listAlerts, filter, ctx))
        print(json, page, () => [
          ...page.items.map((alert) =>
            [alert.raisedAt, alert.id.padStart(5), alert.severity.padEnd(8), alert.key, alert.summary].join(
              '  ',
            ),
          ),
          ...(page.nextCursor ? [`more: --cursor ${page.nextCursor}`] : []),
        ])
        return 0
      },
    },
    test: {
      summary: 'Tell every channel of an alert that is none; exit 1 if one that is set up fails',
      async run(args) {
        const { values } = readArgs(args, {})
        const channels = await withPortal(({ app }, ctx) => app.call(testChannels, {}, ctx))
        const ok = channels.every((test) => test.ok !== false)
        print(values.json, { channels, ok }, () =>
          channels.map(({ channel, ok, error }) =>
            [channel.padEnd(10), ok === null ? 'not set up' : ok ? 'told' : `failed: ${error}`].join(' '),
          ),
        )
        return ok ? 0 : 1
      },
    },
    resolve: {
      summary: 'End an open alert that nothing clears by itself',
      usage: 'ID --reason TEXT',
      async run(args) {
        const { values, positionals } = readArgs(args, { reason: { type: 'string' } })
        const input = { id: positionals[0], reason: values.reason }
        const done = await withPortal(({ app }, ctx) => app.call(resolveAlert, input, ctx))
        print(values.json, done, () => [`alert ${done.id} is resolved`])
        return 0
      },
    },
  },
}
