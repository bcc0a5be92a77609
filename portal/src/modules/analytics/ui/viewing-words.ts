import type { Who } from '../answers.ts'

/** "jo@example.com", "Viewer 3 (no address asked)" */
export function whoInWords(who: Who): string {
  switch (who.kind) {
    case 'address':
      return who.address
    case 'unnamed':
      return `Viewer ${who.number} (no address asked)`
    case 'objected':
      return 'Somebody who wants no record'
  }
}

/** 0.374 → "37 %"; null where nothing was kept. */
export function percentInWords(fraction: number | null): string {
  if (fraction === null) return 'not recorded'
  // A last second that no player plays is not worth a missing per cent; nor is the first one worth a whole one.
  if (fraction >= 0.98) return '100 %'
  return `${Math.floor(fraction * 100)} %`
}

const REASONS: Record<string, string> = {
  revoked: 'after it was revoked',
  expired: 'after it had ended',
  video_deleted: 'after the video was deleted',
  exhausted: 'after the last view',
  viewers_exhausted: 'when enough people had watched',
  lost_race: 'when the last view was just taken',
  not_verified: 'without proving an address',
  not_allowed: 'by an address that is not invited',
  denied: 'by an address that is excluded',
  barred: 'by a person who may not watch any more',
  wrong_code: 'with a wrong code',
  wrong_password: 'with a wrong password',
  country: 'from a country that is not allowed',
  device: 'on another device',
  session_ended: 'in a session that had ended',
}

/** Why attempts were refused, as the end of "3 attempts …". */
export const refusalInWords = (reason: string) => REASONS[reason] ?? reason.replaceAll('_', ' ')
