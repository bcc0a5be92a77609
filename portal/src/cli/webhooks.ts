import { listRejections, listWebhooks } from '../modules/webhooks/queries.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const webhooks: Noun = {
  noun: 'webhooks',
  verbs: {
    list: {
      summary: 'Webhooks, newest first; by default those that could not be applied yet',
      usage: '[--state failed|open|all|rejected] [--limit 50] [--cursor C]',
      async run(args) {
        const { values } = readArgs(args, {
          state: { type: 'string' },
          limit: { type: 'string' },
          cursor: { type: 'string' },
        })
        const { json, state, ...page } = values
        return await (state === 'rejected'
          ? listRejected(json, page)
          : listVerified(json, { ...page, state }))
      },
    },
  },
}

type PageArgs = { limit?: string | undefined; cursor?: string | undefined }

async function listVerified(
  json: boolean | undefined,
  filter: PageArgs & { state?: string | undefined },
): Promise<number> {
  const page = await withPortal(({ app }, ctx) => app.call(listWebhooks, filter, ctx))
  print(json, page, () => [
    ...page.items.map((event) =>
      [
        event.receivedAt,
        event.id,
        event.type.padEnd(28),
        event.outcome ?? `tried ${event.attempts} times`,
        event.lastError ?? '',
      ]
        .join('  ')
        .trimEnd(),
    ),
    ...moreOf(page.nextCursor),
  ])
  return 0
}

async function listRejected(json: boolean | undefined, filter: PageArgs): Promise<number> {
  const page = await withPortal(({ app }, ctx) => app.call(listRejections, filter, ctx))
  print(json, page, () => [
    ...page.items.map((one) =>
      [one.receivedAt, one.reason.padEnd(12), `${one.bodyBytes} bytes`, one.requestId].join('  '),
    ),
    ...moreOf(page.nextCursor),
  ])
  return 0
}

function moreOf(nextCursor: string | null): string[] {
  return nextCursor ? [`more: --cursor ${nextCursor}`] : []
}
