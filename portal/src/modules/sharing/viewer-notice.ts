import { RETENTION_DAYS } from '#portal/modules/audit/rules.ts'
import type { KeptThing } from './answers.ts'
import { VIEWER_MEMORY_DAYS, VIEWER_SESSION_HOURS } from './rules.ts'

const WITH_THE_LINK = `Until ${VIEWER_MEMORY_DAYS} days after the link has ended.`

/** What the portal keeps of somebody who opened a link, why, and for how long. */
export function keptThings({
  email,
  device,
  objected,
}: {
  email: boolean
  device: boolean
  objected: boolean
}): KeptThing[] {
  return [
    ...(email
      ? [
          {
            what: 'The address that you entered, encrypted.',
            why: 'Only people whom the owner chose may watch; the address says who you are.',
            howLong: WITH_THE_LINK,
          },
        ]
      : []),
    ...(device
      ? [
          {
            what: 'The fingerprint of a key that this browser made and cannot give away.',
            why: 'The link opens on one device only.',
            howLong:
              'As long as the link is kept; the key itself lies in this browser until you clear this site’s data. It says nothing of your device but that it is the same.',
          },
        ]
      : []),
    {
      what: 'When you came, proved yourself, accepted terms, began to watch, and how often the player renewed its access.',
      why: 'Security: the owner must be able to tell whether a link was misused, and views are counted.',
      howLong: `As long as the link is kept. The address that leads to you is gone ${VIEWER_MEMORY_DAYS} days after its end.`,
    },
    {
      what: 'Entries in the audit log, under the pseudonym above.',
      why: 'Proof of who was let in and who was refused, for the owner and for you.',
      howLong: `${RETENTION_DAYS.playback} days where they are about watching, else ${RETENTION_DAYS.standard}; then their text is removed, and hashes stay. Nothing in it can be changed; an address in it is encrypted under a key of its own, and is unreadable once that key is destroyed.`,
    },
    {
      what: 'Two cookies in this browser for watching, and no third party’s.',
      why: `One lets you go on watching for ${VIEWER_SESSION_HOURS} hours, and read this page for ${VIEWER_MEMORY_DAYS} days. The other keeps others’ tries from being counted against you while you watch.`,
      howLong: `The one for ${VIEWER_MEMORY_DAYS} days, the other for ${VIEWER_SESSION_HOURS} hours. All that lies in browsers is named under Privacy.`,
    },
    {
      what: 'In this browser, once you choose it: whether captions show and in which language, and, after your yes, where you stopped in each video.',
      why: 'The next video begins as you left it. None of it is sent to the portal.',
      howLong:
        'Until you clear this site’s data. “Forget” below the video takes out where you stopped, of 200 videos at most.',
    },
    {
      what: 'Which parts you watched, where the owner records it.',
      why: objected
        ? 'You objected: what was there is erased, and nothing more is kept.'
        : 'The owner sees how their video is watched. You may object.',
      howLong: objected ? 'Not kept.' : WITH_THE_LINK,
    },
    {
      what: 'Your network address and country are looked at and not kept with your visit.',
      why: 'The number of tries is limited by a keyed hash of the address; some links open in some countries only.',
      howLong: 'Not kept.',
    },
  ]
}

/** What a copy leaves out, so that nobody takes it for more than it is. */
export const NOT_IN_COPY = [
  'Visits from other browsers or devices, even with the same address: this page knows you by this browser alone.',
  'An address in full after its visit has ended: somebody else may use this browser by then.',
  'Other links, and an account that you may have here.',
  'The entries of the audit log themselves. The operator can give you those of the pseudonyms in this copy.',
  'Passwords and codes: none is kept that could be read.',
]
