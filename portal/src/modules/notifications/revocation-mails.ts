import { SIGNATURE } from './mail-words.ts'

/** Mails to staff about taking links back: they name no video and no person. */
export type RevocationMailValues = {
  'revoke-unconfirmed': { url: string }
  'revocation-waits': { emergency: boolean; url: string }
}

export const REVOCATION_WRITERS: {
  [T in keyof RevocationMailValues]: (values: RevocationMailValues[T]) => { subject: string; text: string }
} = {
  'revoke-unconfirmed': ({ url }) => ({
    subject: 'A revoke is not confirmed by the video service',
    text: [
      'Links were taken back: nobody gets a new token, and open players were stopped. The video service has not confirmed yet that what was playing has ended.',
      'It is asked again until it does. Until then, somebody with a running playback can at most go on for the life of their token.',
      `See what is open here:\n${url}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
  'revocation-waits': ({ emergency, url }) => ({
    subject: emergency
      ? 'An emergency revoke waits for your review'
      : 'A revoke of many links waits for a second person',
    text: [
      emergency
        ? 'Somebody has revoked links at once, as an emergency. A second person says afterwards whether it was right, within a day.'
        : 'Somebody asks to revoke links. Nothing has stopped yet: a second person agrees or declines, within seven days.',
      `Decide here:\n${url}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
}
