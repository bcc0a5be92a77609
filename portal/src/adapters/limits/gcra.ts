import type { LimitStanding, LimitUse } from './port.ts'

/**
 * The generic cell rate algorithm (ITU-T I.371) in whole microseconds. A key's one number is its debt: how far its
 * theoretical arrival time lies ahead. Each unit adds its emission interval, time pays it back, and what would take it
 * past burst × emission is refused.
 */
export const costUs = ({ cost, emissionUs }: LimitUse) => cost * emissionUs

/** The most that a key may owe. */
export const roomUs = ({ burst, emissionUs }: LimitUse) => burst * emissionUs

export const admits = (debtUs: number, use: LimitUse) => debtUs + costUs(use) <= roomUs(use)

/** What a caller is told. @param debtUs after the use where it was admitted, as it stood where it was not */
export function standingOf(debtUs: number, use: LimitUse, admitted: boolean): LimitStanding {
  return {
    remaining: Math.max(0, Math.floor((roomUs(use) - debtUs) / use.emissionUs)),
    retryUs: admitted ? 0 : Math.max(0, debtUs + costUs(use) - roomUs(use)),
    fullUs: debtUs,
  }
}

export type Debt = readonly [key: string, debtUs: number]

export type Judged = { admitted: boolean; atUs: number; debtsUs: number[] }

/**
 * What a store does in one atomic step. `floorsUs`: what the asking process knows each key to owe at least; a store
 * that lost its memory, or whose clock leapt ahead, takes that.
 */
export type LimitStore = {
  take(uses: readonly LimitUse[], floorsUs: readonly number[]): Promise<Judged>
  /** Called once: where a store that others share begins anew, it is told all that this process knows to be owed. */
  follow?(owedNow: () => Debt[]): void
  stop(): Promise<void>
}
