import {
  type Example,
  newAddress,
  OWN,
  OWN_OR_STAFF_AND_ENDED,
  ofShare,
  STAFF,
  shareId,
  unconditional,
} from './example.ts'

/** Taking shares back. */
export const REVOCATION_EXAMPLES: Record<string, Example> = {
  'share.revoke': ofShare(OWN_OR_STAFF_AND_ENDED, { reason: 'other' }),
  'share.schedule-revoke': {
    reach: OWN_OR_STAFF_AND_ENDED,
    input: async (objects, t) => ({
      id: (await objects.share()).id,
      at: new Date(t.app.clock().getTime() + 60_000).toISOString(),
      reason: 'other',
    }),
  },
  'share.cancel-schedule': ofShare(OWN_OR_STAFF_AND_ENDED),
  'video.revoke-shares': {
    reach: OWN,
    input: async (objects) => ({ videoId: await objects.video(), reason: 'other' }),
  },
  'revocation.preview': unconditional(async () => ({ ids: ['shr_none'] })),
  'revocation.request': {
    reach: STAFF,
    input: async (objects) => ({ ids: [await shareId(objects)], reason: 'other' }),
  },
  'revocation.approve': unconditional(async (objects) => ({
    id: await objects.revocation(),
    reason: 'agreed',
  })),
  'revocation.decline': unconditional(async (objects) => ({
    id: await objects.revocation(),
    reason: 'too wide',
  })),
  'revocation.review': unconditional(async (objects) => ({
    id: await objects.revocation(),
    reason: 'it was right',
    verdict: 'confirmed',
  })),
  'revocation.measurements': unconditional(),
  'revocation.list': unconditional(),
  'revocation.count': unconditional(),
  'revocation.readmit': unconditional(async () => ({ viewer: newAddress(), reason: 'a mistake' })),
}
