import { discardLetter } from '../modules/webhooks/discard-letter.ts'
import { getWebhook, listDeadLetters, listRejections, listWebhooks } from '../modules/webhooks/queries.ts'
import { replayLetters } from '../modules/webhooks/replay-letters.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

const text = { type: 'string' as const }

export const webhooks: Noun = {
  noun: 'webhooks',
  verbs: {
    list: {
      summary: 'Webhooks, newest first; by default those that could not be applied yet',
      usage:
        '[--state failing|pending|dead|applied|discarded|all|rejected] [--cause C] [--from T] [--to T] [--limit 50] [--cursor C]',
      async run(args) {
        const options = { state: text, cause: text, from: text, to: text, limit: text, cursor: text }
        const { json, state = 'failing', cause, from, to, ...page } = readArgs(args, options).values
        if (state === 'rejected') return await listRejected(json, page)
        const narrowed = cause ?? from ?? to
        return await withPortal(async ({ app }, ctx) => {
          const found = narrowed
            ? await app.call(
                listDeadLetters,
                { ...page, cause, from, to, state: state === 'failing' ? 'all' : state },
                ctx,
              )
            : await app.call(listWebhooks, { ...page, state }, ctx)
          print(json, found, () => [...found.items.map(lineOf), ...moreOf(found.nextCursor)])
          return 0
        })
      },
    },
    show: {
      summary: 'One webhook: what is kept of it, and each try',
      usage: 'ID | --id ID',
      async run(args) {
        const { values, positionals } = readArgs(args, { id: text })
        const id = values.id ?? positionals[0] ?? ''
        const event = await withPortal(({ app }, ctx) => app.call(getWebhook, { id }, ctx))
        print(values.json, event, () => [
          lineOf(event),
          `about ${event.objectType} ${event.objectId}, happened ${event.occurredAt}, came ${event.receivedCount} time(s)`,
          ...(event.nextTryAt ? [`next try ${event.nextTryAt}`] : []),
          ...(event.discardReason ? [`discarded ${event.discardedAt}: ${event.discardReason}`] : []),
          ...event.tries.map((one) =>
            `  ${one.at}  try ${one.number}  ${one.origin.padEnd(8)}  ${one.outcome}  ${one.error ?? ''}  then: ${one.nextStep}`.trimEnd(),
          ),
        ])
        return 0
      },
    },
    replay: {
      summary: 'Try dead letters again, once each: all, or those named',
      usage: '[--id ID]… [--cause C] [--type T] [--from T] [--to T] [--dry-run]',
      async run(args) {
        const { values, positionals } = readArgs(args, {
          id: { type: 'string', multiple: true },
          cause: text,
          type: text,
          from: text,
          to: text,
          'dry-run': { type: 'boolean', default: false },
        })
        const { json, id = [], 'dry-run': dryRun, ...selection } = values
        const ids = [...id, ...positionals]
        const input = { ...selection, ...(ids.length > 0 ? { ids } : {}), dryRun }
        const result = await withPortal(({ app }, ctx) => app.call(replayLetters, input, ctx))
        print(json, result, () =>
          'dryRun' in result
            ? [
                `Would try ${result.found} dead letter(s) about ${result.objects} object(s) again.`,
                ...result.causes.map(({ cause, letters }) => `${String(letters).padStart(8)}  ${cause}`),
              ]
            : [
                `${result.applied} applied, ${result.failed} failed, of ${result.found} (replay ${result.id}).`,
              ],
        )
        return 'failed' in result && (result.failed > 0 || result.status === 'running') ? 1 : 0
      },
    },
    discard: {
      summary: 'Give one dead letter up for good',
      usage: 'ID | --id ID --reason "why"',
      async run(args) {
        const { values, positionals } = readArgs(args, { id: text, reason: text })
        const input = { id: values.id ?? positionals[0] ?? '', reason: values.reason ?? '' }
        const result = await withPortal(({ app }, ctx) => app.call(discardLetter, input, ctx))
        print(values.json, result, () => [`Discarded ${result.id}.`])
        return 0
      },
    },
  },
}

type Line = {
  receivedAt: string
  id: string
  type: string
  state: string
  outcome: string | null
  attempts: number
  lastError: string | null
}

function lineOf({ receivedAt, id, type, state, outcome, attempts, lastError }: Line): string {
  const became = outcome ?? `${state}, tried ${attempts} times`
  return [receivedAt, id, type.padEnd(28), became, lastError ?? ''].join('  ').trimEnd()
}

type PageArgs = { limit?: string | undefined; cursor?: string | undefined }

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
