import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { makeClip } from '../support/clips.ts'
import { receiptOfShare } from '../support/own-receipt.ts'
import { createClient, type PortalClient } from '../support/portal-client.ts'
import { type Account, invite, inviteWithTotp, provenViewer, signIn } from '../support/portal-people.ts'
import { sendRest, startUpload, uploadEnds } from '../support/send-upload.ts'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'
import { furnishAbuse } from './furnish-abuse.ts'
import { furnishErasures } from './furnish-erasures.ts'
import { furnishLimits, watchSomeLimits } from './furnish-limits.ts'
import { furnishLog } from './furnish-log.ts'
import { furnishMetrics } from './furnish-metrics.ts'
import { furnishStorage } from './furnish-storage.ts'
import { furnishWebhooks } from './furnish-webhooks.ts'

/** A portal with people, videos and links in every state that a page can show. */
export type Furnished = {
  admin: Account
  agency: Account
  /** an agency that has done nothing yet */
  newcomer: Account
  /** somebody with an authenticator app, whose code a sign-in owes */
  careful: Account
  /** an administrator of today, who is in no group and may not read the log */
  beginner: Account
  videoId: string
  failedId: string
  links: Record<'email' | 'anyone' | 'password' | 'revoked' | 'account' | 'agreement' | 'later', string>
  /** a link that waits for a second person */
  askedId: string
  /** a link by which one of two invited has proved their address */
  invitedId: string
  /** a link that is revoked tomorrow */
  scheduledId: string
  /** a link with lists, conditions and an explanation of them */
  manifoldId: string
  invitationUrl: string
  /** of the event that made a link */
  receipt: string
}

const PASSWORD = 'correct horse battery'
const LONG_TITLE =
  'Relay handover from the second camera, lane four, slow motion with the coach’s remarks and all three attempts of the afternoon'

/** Fills a fresh portal over HTTP as its people would. */
export async function furnish(stack: Stack): Promise<Furnished> {
  const admin = await signIn(stack.url, stack.admin)
  await watchSomeLimits(admin)
  const agency = await join(admin, 'ana@harbour.example', 'Ana Duarte', 'Harbour Films')
  const newcomer = await join(
    admin,
    'bo@tidal.example',
    'Bartholomew Featherstonehaugh-Cholmondeley',
    'Tidal Studio',
  )
  const ana = await signIn(stack.url, agency)
  // Ahead of what is counted against them.
  await furnishLimits(stack, ana, admin)
  const { url: invitationUrl } = await admin.call<{ url: string }>('POST', '/api/admin/invitations', {
    email: 'coach@northside.example',
    role: 'agency',
    organisation: 'Northside Athletics',
  })

  const clips = await Promise.all([
    makeClip({ seconds: 12, width: 1280, height: 720 }),
    makeClip({ seconds: 6, width: 640, height: 360 }),
    makeClip({ seconds: 4, width: 360, height: 640 }),
  ])
  const titles = ['Session 14 · Start block technique', LONG_TITLE, 'Warm-up, phone clip']
  const videoIds: string[] = []
  for (const [place, title] of titles.entries()) videoIds.push(await video(ana, clips[place] ?? '', title))
  const failedId = await brokenVideo(ana)
  const interrupted = await startUpload(ana, {
    name: 'nationals-final.mov',
    size: 4_200_000_000,
    contentType: 'video/quicktime',
  })
  if (!interrupted.uploadUrl) throw new Error('an upload was begun without a place')

  const [first = '', second = '', third = ''] = videoIds
  const link = async (videoId: string, body: Record<string, unknown>) =>
    await ana.call<{ id: string; token: string; url: string }>('POST', `/api/videos/${videoId}/shares`, body)
  const email = await link(first, {
    access: 'email',
    allow: ['jo@northside.example', '@tidal.example'],
    maxViews: 5,
  })
  const anyone = await link(first, { access: 'link', expiresAt: inHours(5) })
  const password = await link(first, { access: 'link', password: 'north side lights' })
  const account = await link(second, { access: 'account' })
  const revoked = await link(third, { access: 'email' })
  const agreement = await link(first, {
    access: 'link',
    agreement: TERMS,
    note: 'Rough cut: the sound is not mixed, and the second start is missing. Tell me what you think of the pace.',
    watermark: true,
  })
  const later = await link(second, { access: 'link', startsAt: inHours(27) })
  const manifold = await link(second, {
    access: 'email',
    allow: ['jo@northside.example', '@tidal.example'],
    deny: ['intern@tidal.example'],
    maxViewers: 10,
    agreement: TERMS,
    watermark: true,
  })
  const month = {
    expiresAt: inHours(30 * 24),
    reason: 'The season lasts a month, and the coach comes back to it.',
  }
  const asked = await link(second, { access: 'link', ...month })
  const approved = await link(first, { access: 'email', ...month })
  await admin.call('POST', `/api/admin/share-tokens/${approved.id}/approve`, {
    reason: 'Agreed with the client.',
  })
  // Asked for by a second administrator, so that the first one may decide.
  const colleague = await signIn(stack.url, await invite(admin, { role: 'admin', organisation: 'Staff' }))
  const revoke = (body: object) => colleague.call('POST', '/api/admin/share-tokens/revoke', body)
  await revoke({ videoId: second, reason: 'content_changed', note: 'The client has sent a new cut.' })
  const leaked = await link(third, { access: 'link' })
  await createClient(stack.url).call('POST', `/api/share/${leaked.token}`)
  await revoke({ ids: [leaked.id], reason: 'security', emergency: true })
  const { viewer } = await provenViewer(admin, email.token, 'jo@northside.example')
  await viewer.call('POST', `/api/share/${email.token}/progress`, {
    ...{ run: 'furnished', seq: 1 },
    segments: [[0, 2]],
  })
  await furnishErasures(stack, admin, colleague)
  await watchALot(stack)
  await measureRevokes(stack)
  await ana.call('POST', `/api/shares/${password.id}/schedule-revoke`, {
    at: inHours(20),
    reason: 'content_changed',
  })
  await ana.call('PUT', `/api/videos/${first}/chapters`, {
    text: '0:00 Relay, first attempt\n0:02 The handover from the side, and why the second runner must not look back\n0:04 Third attempt',
  })
  await createClient(stack.url).send('GET', `/api/share/${'A'.repeat(43)}`)
  await ana.call('POST', `/api/shares/${revoked.id}/revoke`, { reason: 'wrong_recipient' })
  const careful = await inviteWithTotp(admin)
  await leave(admin, 'former@tidal.example')
  await openOverdueReview(stack)
  await furnishMetrics(stack)
  await furnishWebhooks(stack, first)
  await furnishStorage(stack, admin)
  await furnishAbuse(stack, admin)
  await furnishLog(stack)
  await colleague.call('POST', '/api/admin/emergency', {
    group: 'support',
    minutes: 60,
    reason: 'A viewer of the premiere cannot open the link, and support is asleep.',
  })
  await ana.call('POST', '/api/account/keys', { name: 'Nightly export', scopes: ['video.list', 'share.*'] })
  return {
    admin: stack.admin,
    agency,
    newcomer,
    careful,
    beginner: await invite(admin, { role: 'admin', organisation: 'Staff' }),
    videoId: first,
    failedId,
    links: {
      email: email.url,
      anyone: anyone.url,
      password: password.url,
      revoked: revoked.url,
      account: account.url,
      agreement: agreement.url,
      later: later.url,
    },
    askedId: asked.id,
    invitedId: email.id,
    manifoldId: manifold.id,
    scheduledId: password.id,
    invitationUrl,
    receipt: await receiptOfShare(ana, manifold.id),
  }
}

const TERMS = [
  'This recording shows athletes who have not agreed to any publication.',
  'You watch it for your own preparation. You do not record it, pass it on, or describe it to anybody outside the team before 1 March.',
  'If you come to know that somebody else has seen it, you tell us the same day.',
].join('\n\n')

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

async function join(
  admin: PortalClient,
  email: string,
  name: string,
  organisation: string,
): Promise<Account> {
  const { url } = await admin.call<{ url: string }>('POST', '/api/admin/invitations', {
    email,
    role: 'agency',
    organisation,
  })
  const token = new URL(url).hash.slice(1)
  await createClient(admin.origin).call('POST', '/api/invitations/accept', {
    token,
    name,
    password: PASSWORD,
  })
  return { email, password: PASSWORD }
}

/** The one record of watching, as if it were an hour's: two thirds of the video, its start three times. */
async function watchALot(stack: Stack): Promise<void> {
  await onDatabase(stack, async (client) => {
    await client.query(
      `update viewer_progress set seen_ms = duration_ms * 2 / 3, parts = (
         select array_agg((case when i <= cardinality(parts) * 2 / 3
             then duration_ms / cardinality(parts) * (case when i between 12 and 30 then 3 else 1 end) else 0 end)::int)
         from generate_series(1, cardinality(parts)) as i)`,
    )
  })
}

/** What a month of the synthetic probe would have measured. */
async function measureRevokes(stack: Stack): Promise<void> {
  await onDatabase(stack, async (client) => {
    await client.query(
      `insert into revoke_probes (id, ran_at, provider, stop_ms, media_ms, stop_bound_ms, media_bound_ms)
       select 'prb_' || i, now() - i * interval '2 hours', 'engine',
         case when i % 97 = 0 then 1400 else 60 + (i * 53) % 240 + (i % 7) * 25 end, 0, 1000, 0
       from generate_series(1, 300) as i`,
    )
  })
}

/** Somebody who was here once, and is deactivated. */
async function leave(admin: PortalClient, email: string): Promise<void> {
  await join(admin, email, 'Former Editor', 'Tidal Studio')
  const { items } = await admin.call<{ items: { id: string; email: string }[] }>('GET', '/api/admin/users')
  const person = items.find((item) => item.email === email)
  await admin.call('POST', `/api/admin/users/${person?.id}/deactivate`, {})
}

/** The portal opens a review by its own clock alone; this one was due yesterday. */
async function openOverdueReview(stack: Stack): Promise<void> {
  await onDatabase(stack, async (client) => {
    await client.query(
      `insert into staff_reviews (id, quarter, opened_at, due_at)
       values ('stf_0', '2020-Q1', now() - interval '31 days', now() - interval '1 day')`,
    )
    await client.query(
      `insert into staff_review_items (review_id, user_id, staff_group)
       select 'stf_0', user_id, unnest(staff_groups) from members`,
    )
  })
}

async function video(client: PortalClient, path: string, title: string): Promise<string> {
  const file = await readFile(path)
  const upload = await startUpload(client, { name: 'clip.mp4', size: file.length })
  await sendRest(upload.uploadUrl, file)
  await uploadEnds(client, upload.id, 'ready')
  await client.call('PATCH', `/api/videos/${upload.videoId}`, { title })
  return upload.videoId
}

async function brokenVideo(client: PortalClient): Promise<string> {
  const file = randomBytes(300_000)
  const upload = await startUpload(client, {
    name: 'IMG_0042.MOV',
    size: file.length,
    contentType: 'video/quicktime',
  })
  await sendRest(upload.uploadUrl, file)
  await uploadEnds(client, upload.id, 'failed')
  return upload.videoId
}
