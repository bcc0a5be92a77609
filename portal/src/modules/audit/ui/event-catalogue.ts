import { AREAS, eventTypeOf } from '#portal/modules/audit/rules.ts'
import { EVENT_ACTIONS, eventInWords } from './event-words.ts'

export type EventType = ReturnType<typeof eventTypeOf> & { says: string }

/** One event type with what it says in words. */
export function describeEventType(action: string): EventType {
  return { says: eventInWords({ action, outcome: 'allowed', reason: null }), ...eventTypeOf(action) }
}

/** Every event type there is, by action. */
export function eventTypes(): EventType[] {
  return [...EVENT_ACTIONS].sort().map(describeEventType)
}

/** Areas of actions, for filters. */
export const EVENT_AREAS = Object.keys(AREAS)
