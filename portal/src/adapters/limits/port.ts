export type LimitPolicy = { name: string; limit: number; windowSeconds: number }

export type LimitVerdict = { allowed: boolean; remaining: number; resetSeconds: number }

/** Counts uses of a policy by a key (a keyed hash or an ID, never a raw address). Throws where the store fails. */
export type LimitsPort = {
  consume(policy: LimitPolicy, key: string, points?: number): Promise<LimitVerdict>
  /** Forgets a key's count, after a success that proves the earlier tries honest. */
  reset(policy: LimitPolicy, key: string): Promise<void>
}
