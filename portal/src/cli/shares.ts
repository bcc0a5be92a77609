import { adminListShares } from '../modules/sharing/queries.ts'
import { revokeShare } from '../modules/sharing/revoke-share.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const shares: Noun = {
  noun: 'shares',
  verbs: {
    list: {
      summary: 'Shares, newest first',
      usage: '[--status active] [--q text] [--limit 50] [--cursor C]',
      async run(args) {
        const { values } = readArgs(args, {
          status: { type: 'string' },
          q: { type: 'string' },
          limit: { type: 'string' },
          cursor: { type: 'string' },
        })
        const { json, ...filter } = values
        const page = await withPortal(({ app }, ctx) => app.call(adminListShares, filter, ctx))
        print(json, page, () => [
          ...page.items.map((s) =>
            [
              s.id,
              s.status.padEnd(8),
              s.access.padEnd(7),
              s.expiresAt,
              `${s.viewsUsed}/${s.maxViews ?? '∞'}`,
              s.videoTitle,
            ].join('  '),
          ),
          ...(page.nextCursor ? [`more: --cursor ${page.nextCursor}`] : []),
        ])
        return 0
      },
    },
    revoke: {
      summary: 'Take a link back now',
      usage: 'ID --reason security [--note text]',
      async run(args) {
        const { values, positionals } = readArgs(args, {
          reason: { type: 'string' },
          note: { type: 'string' },
        })
        const result = await withPortal(({ app }, ctx) =>
          app.call(revokeShare, { id: positionals[0], reason: values.reason, note: values.note }, ctx),
        )
        print(values.json, result, () => [
          `Revoked ${result.id}; ${result.stoppedPlayers} open player(s) stopped.`,
        ])
        return 0
      },
    },
  },
}
