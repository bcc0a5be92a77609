import type { Metadata } from 'next'
import { listRejections, listWebhooks } from '#portal/modules/webhooks/queries.ts'
import { replayLetters } from '#portal/modules/webhooks/replay-letters.ts'
import { listReplays, summariseWebhooks } from '#portal/modules/webhooks/summarise-webhooks.ts'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'
import { WebhooksBoard } from './webhooks-board.tsx'

export const metadata: Metadata = { title: 'Webhooks' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const MENDING = new Set<string>(replayLetters.allow.groups)
const SHOWN = 25

export default async function WebhooksPage({ searchParams }: Props) {
  const person = await mustBeAdmin()
  const { after, state: asked } = await searchParams
  const [cursor, state] = [oneOf(after), oneOf(asked)]
  const [summary, events, replays, rejections] = await Promise.all([
    ask(summariseWebhooks, {}),
    ask(listWebhooks, { limit: SHOWN, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) }),
    ask(listReplays, {}),
    ask(listRejections, { limit: 10 }),
  ])
  return (
    <WebhooksBoard
      summary={summary}
      events={events.items}
      next={events.nextCursor}
      state={state}
      replays={replays.items}
      rejections={rejections.items}
      canMend={person.groups.some((group) => MENDING.has(group))}
    />
  )
}
