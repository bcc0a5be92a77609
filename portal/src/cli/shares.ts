import { probeRevoke } from '../modules/reliability/probe/probe-revoke.ts'
import { checkShares } from '../modules/sharing/check-shares.ts'
import { adminListShares } from '../modules/sharing/queries.ts'
import { requestRevocation } from '../modules/sharing/request-revocation.ts'
import { revokeShare } from '../modules/sharing/revoke-share.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

type Asked = {
  ids: string[]
  video?: string | undefined
  owner?: string | undefined
  viewer?: string | undefined
  emergency?: boolean | undefined
}

/** Whether this is one link, which needs no second person. */
const isOneLink = ({ ids, video, owner, viewer, emergency }: Asked) =>
  ids.length === 1 && !video && !owner && !viewer && !emergency

export const shares: Noun = {
  noun: 'shares',
  verbs: {
    list: {
      summary: 'Shares, newest first',
      usage:
        '[--status active] [--q text] [--owner ID] [--video ID] [--sort expires] [--limit 50] [--cursor C]',
      async run(args) {
        const { values } = readArgs(args, {
          status: { type: 'string' },
          q: { type: 'string' },
          owner: { type: 'string' },
          video: { type: 'string' },
          sort: { type: 'string' },
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
    check: {
      summary: 'Look for shares that nobody looks after; repair or report each',
      async run(args) {
        const { values } = readArgs(args, {})
        const { checkedAt, report } = await withPortal(({ app }, ctx) => app.call(checkShares, {}, ctx))
        print(values.json, { checkedAt, ...report }, () => [
          ...report.findings.map(
            ({ kind, shares: found, repaired }) =>
              `${kind.padEnd(20)} ${String(found).padStart(6)} found, ${repaired} put right`,
          ),
          report.comparedAt === null
            ? 'the video service has not been compared with yet: `portal uploads reconcile` does it now'
            : `${report.videosCompared} videos compared with the video service at ${report.comparedAt}, ${report.videosUnanswered} without an answer`,
          `${report.revokes.here} revokes made here in ninety days, ${report.revokes.elsewhere} elsewhere`,
        ])
        return report.videosUnanswered === 0 ? 0 : 1
      },
    },
    revoke: {
      summary: 'One link at once; many, or one person, after a second person or as an emergency',
      usage: 'ID… | --video ID | --owner ID | --viewer ADDRESS --reason security [--emergency] [--note text]',
      async run(args) {
        const { values, positionals: ids } = readArgs(args, {
          video: { type: 'string' },
          owner: { type: 'string' },
          viewer: { type: 'string' },
          reason: { type: 'string' },
          note: { type: 'string' },
          emergency: { type: 'boolean', default: false },
        })
        const { json, video, owner, viewer, emergency, reason, note } = values
        const asked = { ids, video, owner, viewer, emergency }
        return isOneLink(asked)
          ? await revokeOne({ id: ids[0] as string, reason, note }, json)
          : await revokeMany(
              {
                ...(ids.length > 0 ? { ids } : {}),
                ...(video ? { videoId: video } : {}),
                ...(owner ? { ownerId: owner } : {}),
                ...(viewer ? { viewer } : {}),
                ...{ reason, note, emergency },
              },
              json,
            )
      },
    },
    probe: {
      summary: 'Play and revoke once, and say how soon each way of seeing ended',
      async run(args) {
        const { values } = readArgs(args, {})
        const result = await withPortal(({ app }) => probeRevoke(app))
        print(values.json, result, () => [
          result.error ?? 'Played, revoked, black.',
          `open player stopped after ${result.stopMs ?? '—'} ms (bound ${result.stopBoundMs} ms)`,
          `media served for ${result.mediaMs ?? '—'} ms after the answer (bound ${result.mediaBoundMs} ms)`,
        ])
        return result.ok ? 0 : 1
      },
    },
  },
}

async function revokeOne(input: object, json: boolean | undefined): Promise<number> {
  const result = await withPortal(({ app }, ctx) => app.call(revokeShare, input, ctx))
  print(json, result, () => [`Revoked ${result.id}; ${result.stoppedPlayers} open player(s) stopped.`])
  return 0
}

async function revokeMany(input: object, json: boolean | undefined): Promise<number> {
  const result = await withPortal(({ app }, ctx) => app.call(requestRevocation, input, ctx))
  print(json, result, () =>
    result.status === 'pending_approval'
      ? [
          `Asked for as ${result.id}: ${result.shares} link(s), ${result.watching} open player(s).`,
          'Nothing has stopped yet: a second person decides on /admin/approvals. --emergency acts at once.',
        ]
      : [
          `Revoked as ${result.id}: ${result.shares} link(s), ${result.players} open player(s) stopped in ${result.actedMs} ms.`,
          result.confirmed
            ? `Confirmed by the video service after ${result.confirmedMs} ms.`
            : 'The video service has not confirmed yet; it is told again until it does.',
          ...(result.status === 'running' ? ['The portal goes on with the rest.'] : []),
          'A second person reviews it on /admin/approvals.',
        ],
  )
  return 0
}
