/** Files of the older `mp4_support`, by the resolution under which their rows stand. */
const LEGACY: Record<string, string> = {
  'mp4:capped-1080p': 'capped-1080p.mp4',
  'mp4:audio-only': 'audio.m4a',
  'mp4:low': 'low.mp4',
  'mp4:medium': 'medium.mp4',
  'mp4:high': 'high.mp4',
}

export const isLegacy = (resolution: string) => resolution in LEGACY

/** highest.mp4, 720p.mp4, audio.m4a … */
export function fileNameOf(resolution: string): string {
  return LEGACY[resolution] ?? (resolution === 'audio-only' ? 'audio.m4a' : `${resolution}.mp4`)
}

/** Names under which static renditions are delivered. */
export const FILE_NAME =
  /^(?:(?:low|medium|high|highest|capped-1080p|2160p|1440p|1080p|720p|540p|480p|360p|270p)\.mp4|audio\.m4a)$/
