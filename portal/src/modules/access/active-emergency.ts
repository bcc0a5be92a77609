import { read } from '#portal/platform/operation.ts'
import { nothingInput } from './inputs.ts'

/** When the last of the caller's running emergency accesses ends; null where none runs. */
export const activeEmergency = read({
  action: 'emergency.active',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ actor }) {
    const ends = actor.kind === 'user' ? (actor.emergency ?? []).map(({ endsAt }) => endsAt.getTime()) : []
    return { until: ends.length > 0 ? new Date(Math.max(...ends)).toISOString() : null }
  },
})
