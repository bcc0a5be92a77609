import { createHmac, timingSafeEqual } from 'node:crypto'

const URL_PATTERN =
  /^\/master\/([A-Za-z0-9]{40})\/master\.mp4\?expires=(\d{10})&signature=([A-Za-z0-9_-]{43})$/

/** One master file, as its link names it. */
export type MasterLink = { assetId: string; expires: number; signature: string }

/** A link to a master, good until `expires` (unix seconds) and for this very file: a later one gets another link. */
export function masterUrl(
  origin: string,
  secret: string,
  { assetId, key, expires }: { assetId: string; key: string; expires: number },
): string {
  const signature = sign(secret, assetId, key, expires)
  return `${origin}/master/${assetId}/master.mp4?expires=${expires}&signature=${signature}`
}

/** Reads a request target; null for everything else. */
export function parseMasterUrl(url: string): MasterLink | null {
  const match = URL_PATTERN.exec(url)
  return match && { assetId: match[1]!, expires: Number(match[2]), signature: match[3]! }
}

export function isMasterLink(secret: string, link: MasterLink, key: string): boolean {
  return timingSafeEqual(
    Buffer.from(sign(secret, link.assetId, key, link.expires)),
    Buffer.from(link.signature),
  )
}

function sign(secret: string, assetId: string, key: string, expires: number): string {
  return createHmac('sha256', secret).update(`master\n${assetId}\n${key}\n${expires}`).digest('base64url')
}
