import { SESSION_HOURS } from '#portal/adapters/identity/port.ts'
import { KNOWN_DEVICE_DAYS } from '#portal/modules/abuse/remember-visitor.ts'
import { VIEWER_MEMORY_DAYS, VIEWER_SESSION_HOURS } from '#portal/modules/sharing/rules.ts'
import { WAITING_FILE_DAYS } from '#portal/modules/uploads/rules.ts'
import type { StoredInBrowser } from './answers.ts'
import { inDays } from './notice-categories.ts'
import { THEME_DAYS } from './rules.ts'

const UNTIL_CLEARED = 'until you clear this site’s data.'

/** All that the portal keeps in a browser: a test looks for more in the sources. Nobody else keeps anything there. */
export const BROWSER_STORAGE: readonly StoredInBrowser[] = [
  {
    names: ['__Host-mm-viewer'],
    who: 'Viewers',
    why: 'Says that it is still you who watches; it names nobody.',
    howLong: `${inDays(VIEWER_MEMORY_DAYS)}; it lets you watch for ${VIEWER_SESSION_HOURS} hours.`,
  },
  {
    names: ['__Host-mm-view'],
    who: 'Viewers',
    why: 'Others’ tries from your network are not counted against you while you watch.',
    howLong: `${VIEWER_SESSION_HOURS} hours.`,
  },
  {
    names: ['mm-device'],
    who: 'Viewers of a link for one device',
    why: 'A key that this browser made and can’t give away.',
    howLong: UNTIL_CLEARED,
  },
  {
    names: ['captions'],
    who: 'Viewers who chose captions',
    why: 'The next video shows them too. Not sent to the portal.',
    howLong: UNTIL_CLEARED,
  },
  {
    names: ['resume'],
    who: 'Viewers who said yes to it',
    why: 'Where you stopped in each video. Not sent to the portal.',
    howLong: `until “Forget” below the video, or ${UNTIL_CLEARED}`,
  },
  {
    names: ['__Host-mm-visit'],
    who: 'Everybody',
    why: 'Shows that this browser keeps cookies.',
    howLong: 'until the browser is closed.',
  },
  {
    names: ['__Host-mm.session_token'],
    who: 'Members',
    why: 'Your session.',
    howLong: `${SESSION_HOURS} hours at most.`,
  },
  {
    names: ['__Host-mm.passkey_challenge', '__Host-mm.oidc', '__Host-mm.clerk_state'],
    who: 'Whoever signs in by a passkey or another service',
    why: 'The answer belongs to the question that this browser asked.',
    howLong: 'for minutes, until you are signed in.',
  },
  {
    names: ['__Host-mm-device'],
    who: 'Members',
    why: 'Others’ wrong passwords are not counted against you in a browser where you have signed in.',
    howLong: `${inDays(KNOWN_DEVICE_DAYS)}.`,
  },
  {
    names: ['__Host-mm.theme'],
    who: 'Members who chose colours',
    why: 'Light or dark.',
    howLong: `${inDays(THEME_DAYS)}.`,
  },
  {
    names: ['uploads'],
    who: 'Members who upload',
    why: 'An upload goes on after a break, and a file that had to wait is not forgotten. Not sent to the portal.',
    howLong: `until the upload has ended; of a file that has not begun, ${inDays(WAITING_FILE_DAYS)}.`,
  },
]
