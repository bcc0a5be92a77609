/** What the portal has acknowledged, as its clients remember it. */
export type Journal = {
  /** Events that must stand in the log: action and target, or the token that the answer carried. */
  events: { action: string; target?: string; tokenId?: string }[]
  uploads: { id: string; videoId: string; engineId: string }[]
  shares: { id: string; revoked: boolean }[]
  /** Faults seen on the way, while they could be seen. */
  lost: string[]
  moments: string[]
}

export function createJournal(): Journal {
  return { events: [], uploads: [], shares: [], lost: [], moments: [] }
}

/** The `jti` of the token in a playback URL: the log names tokens by it. */
export function tokenIdOf(playbackUrl: string): string {
  const [, payload = ''] = (new URL(playbackUrl).searchParams.get('token') ?? '').split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string }).jti
}
