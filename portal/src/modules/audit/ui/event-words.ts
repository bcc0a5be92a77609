import type { ChipTone } from '#portal/ui/chip.tsx'

const words: Record<string, string> = {
  'audit.download': 'Log exported',
  'audit.export': 'Log exported',
  'playback.issue': 'Playback allowed',
  'playback.close-public': 'Public playback closed',
  'playback.refuse': 'Playback refused',
  'playback.stopped': 'Picture went black',
  'revocation.approve': 'Revoke of many links approved',
  'revocation.decline': 'Revoke of many links declined',
  'revocation.lapse': 'Revoke of many links lapsed',
  'revocation.readmit': 'Bar on a person lifted',
  'revocation.request': 'Revoke of many links asked for',
  'revocation.review': 'Emergency revoke reviewed',
  'revocation.unconfirmed': 'Revoke not confirmed by the video service',
  'session.sign-in': 'Signed in',
  'signing-key.create': 'Signing key made',
  'signing-key.delete': 'Signing key deleted',
  'signing-key.list': 'Signing keys looked at',
  'signing-key.review': 'Key rotation reviewed',
  'signing-key.rotate': 'Signing key replaced',
  'share.cancel-schedule': 'Scheduled revoke cancelled',
  'share.check': 'Shares checked overnight',
  'playback.progress': 'Record of watching opened',
  'notification.set-preferences': 'Mails chosen',
  'notification.unsubscribe': 'Mails ended by one click',
  'share.approve-extension': 'Longer life agreed to',
  'share.decline-extension': 'Longer life declined',
  'share.export-viewing': 'Who watched, saved as a file',
  'share.extend': 'Share extended',
  'share.remind': 'Invited person reminded',
  'share.create': 'Share created',
  'share.download': 'Copy asked for',
  'share.download-state': 'Copy looked after',
  'share.export': 'List of shares exported',
  'share.open': 'Link opened',
  'share.take-download': 'Copy taken away',
  'share.release-device': 'Device released',
  'share.revoke': 'Share revoked',
  'share.schedule-revoke': 'Revoke scheduled',
  'share-list-view.delete': 'Saved view deleted',
  'share-list-view.save': 'View of the list saved',
  'share.verify': 'Proof at the gate',
  'share.watch-state': 'Player asked for its state',
  'upload.cancel': 'Upload cancelled',
  'upload.fail': 'Upload failed',
  'upload.open': 'Upload opened',
  'upload.resume': 'Upload taken up again',
  'upload.settle': 'Upload followed the video service',
  'upload.start': 'Upload begun',
  'user.create': 'Account created',
  'user.invite': 'Person invited',
  'user.join': 'Invitation accepted',
  'video.delete': 'Video deleted',
  'video.play': 'Own video played',
  'video.remove': 'Video removed by the video service',
  'video.rename': 'Video renamed',
  'video.replace-playback-id': 'Playback ID replaced',
  'video.revoke-shares': 'All links of a video revoked',
  'webhook.receive': 'Webhook received',
  'webhook.reject': 'Webhook rejected',
}

const issued: Record<string, string> = { view_started: 'Playback started', renewed: 'Playback renewed' }

type Told = { action: string; outcome: string; reason: string | null }

/** An event in a few words: "Playback renewed", "Share revoked"; refusals say so first. */
export function eventInWords({ action, outcome, reason }: Told): string {
  if (outcome === 'refused')
    return action === 'playback.issue' || action === 'share.open' ? 'Refused' : `Refused: ${lower(action)}`
  if (outcome === 'failed') return `Failed: ${lower(action)}`
  if (action === 'playback.issue' && reason && issued[reason]) return issued[reason]
  return words[action] ?? action
}

function lower(action: string): string {
  const known = words[action]
  return known ? known.charAt(0).toLowerCase() + known.slice(1) : action
}

export function outcomeTone(outcome: string): ChipTone {
  return outcome === 'allowed' ? 'neutral' : 'stop'
}

/** A machine's reason as words: "wrong_code" → "wrong code". */
export function plainReason(reason: string): string {
  return reason.replaceAll('_', ' ')
}
