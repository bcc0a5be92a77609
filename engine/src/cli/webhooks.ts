import { type DeliveryState, listDeliveries, redeliver } from '#engine/webhooks/redeliver.ts'
import { CliError, type Noun, table, wholeNumber } from './command.ts'

const STATES = ['delivered', 'pending', 'given-up']

export const webhooks: Noun = {
  name: 'webhooks',
  verbs: {
    list: {
      summary: `deliveries, newest first; --state ${STATES.join(' | ')}`,
      options: { state: { type: 'string' }, limit: { type: 'string' } },
      async run({ values, open }) {
        const state = values.state ?? null
        if (state !== null && !STATES.includes(String(state)))
          throw new CliError(`--state is one of ${STATES.join(', ')}.`, 64)
        const { ctx } = await open()
        const rows = await listDeliveries(
          ctx.pool,
          state as DeliveryState | null,
          wholeNumber(values, 'limit', 50),
        )
        return {
          data: rows,
          text: table(
            ['EVENT', 'TYPE', 'TO', 'STATE', 'ATTEMPTS', 'LAST', 'CREATED'],
            rows.map((row) => [
              row.event_id,
              row.type,
              row.endpoint,
              row.state,
              row.attempts,
              row.last_status ?? row.last_error?.slice(0, 40),
              row.created_at.toISOString().slice(0, 19),
            ]),
          ),
        }
      },
    },
    redeliver: {
      args: '[event]',
      summary: 'one event, or --given-up all that were given up; --to one receiver',
      options: { 'given-up': { type: 'boolean' }, to: { type: 'string' } },
      async run({ args, values, open }) {
        const eventId = args[0] ?? null
        if ((eventId === null) === (values['given-up'] !== true))
          throw new CliError('Name an event, or use --given-up.', 64)
        const { ctx } = await open()
        const due = await redeliver(ctx, { eventId, endpoint: (values.to as string | undefined) ?? null })
        if (due === 0 && eventId) throw new CliError('There is no such delivery to a receiver that exists.')
        return { data: { due }, text: `${due} deliveries are due now` }
      },
    },
  },
}
