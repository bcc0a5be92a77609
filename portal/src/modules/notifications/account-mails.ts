import { instant, SIGNATURE } from './mail-words.ts'

/** What happened to an account that its owner must hear of, in case it was not them. */
export const ACCOUNT_NOTICES = {
  'totp-added': 'An authenticator app was added to your account.',
  'totp-removed': 'The authenticator app was removed from your account.',
  'factor-reset':
    'An administrator removed the second factors of your account and ended your sessions. You set up a new one when you next sign in.',
  'recovery-used': 'A recovery code was used to sign in to your account. It does not work again.',
  'recovery-renewed': 'New recovery codes were made for your account. The old ones no longer work.',
  'passkey-added': 'A passkey was added to your account.',
  'passkey-removed': 'A passkey was removed from your account.',
  'password-changed': 'The password of your account was changed.',
  'password-reset':
    'The password of your account was set anew by a link from a mail, and all sessions were ended.',
  'email-changed': 'Your account has another e-mail address now. Mails to this one no longer reach it.',
} as const

export type AccountNotice = keyof typeof ACCOUNT_NOTICES

export type AccountMailValues = {
  'sign-in-code': { code: string; minutes: number }
  'reset-password': { url: string; minutes: number }
  'change-address': { code: string; minutes: number; which: 'present' | 'new' }
  'account-notice': { notice: AccountNotice; at: Date; url: string }
}

const mail = (subject: string, ...paragraphs: string[]) => ({
  subject,
  text: [...paragraphs, SIGNATURE].join('\n\n'),
})

type Writers = {
  [T in keyof AccountMailValues]: (values: AccountMailValues[T]) => { subject: string; text: string }
}

/** Mails about a person's own account. */
export const ACCOUNT_WRITERS: Writers = {
  'sign-in-code': ({ code, minutes }) =>
    mail(
      `${code} is your code to sign in`,
      `Your code is ${code}.`,
      `Enter it on the page that asked for it. It works once, within ${minutes} minutes, and only there.`,
      'Nobody of ours ever asks you for it. If you did not ask for a code, ignore this mail.',
    ),
  'reset-password': ({ url, minutes }) =>
    mail(
      'Set a new password',
      `Somebody asked to set a new password for your account. If it was you, go on here:\n${url}`,
      `The link works once, within ${minutes} minutes. A new password ends all sessions of your account.`,
      'If it was not you, ignore this mail: your password stays as it is.',
    ),
  'change-address': ({ code, minutes, which }) =>
    mail(
      `${code} confirms your ${which} e-mail address`,
      which === 'new'
        ? `Your account is to use this address from now on. The code for it is ${code}.`
        : `The e-mail address of your account is to be changed. The code from this, the present address, is ${code}.`,
      `Enter it on the page that asked for it, within ${minutes} minutes.`,
      'If you did not ask for this, tell an administrator: somebody else is signed in to your account.',
    ),
  'account-notice': ({ notice, at, url }) =>
    mail(
      'A change to your account',
      `${ACCOUNT_NOTICES[notice]} It was on ${instant(at)}.`,
      `If it was you, there is nothing to do. If not, look at your sessions, end those that are not yours, and tell an administrator:\n${url}`,
    ),
}
