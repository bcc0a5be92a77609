import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '#portal/modules/access/create-api-key.ts'
import { verifyExport, verifyReceipt } from '#portal/modules/audit/verifier.mjs'
import { verifyDatabase } from '#portal/modules/audit/verify-database.ts'
import { reactivateMember } from '#portal/modules/identity/change-member.ts'
import { createUser } from '#portal/modules/identity/create-user.ts'
import { keepFormerAddress } from '#portal/modules/identity/former-addresses.ts'
import { inviteUser } from '#portal/modules/identity/invite-user.ts'
import { listUsers } from '#portal/modules/identity/queries.ts'
import { renameAccount } from '#portal/modules/identity/read-account.ts'
import { requestSignInCode } from '#portal/modules/identity/sign-in-code.ts'
import { setPreferences } from '#portal/modules/notifications/notification-preferences.ts'
import { personHash } from '#portal/modules/sharing/bar-viewer.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { remindViewer } from '#portal/modules/sharing/remind-viewer.ts'
import { requestRevocation } from '#portal/modules/sharing/request-revocation.ts'
import { verifyViewer } from '#portal/modules/sharing/verify-viewer.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { keyedHash } from '#portal/platform/crypto.ts'
import { mailsOf } from '../../../../tests/support/mails-of.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { dumpOf, filesBelow, tracesIn } from '../../../../tests/support/traces.ts'
import { askErasure } from './ask-erasure.ts'
import { approveErasure, declineErasure } from './decide-erasure.ts'
import { exportErasure } from './export-erasure.ts'
import { getErasure, listErasures } from './list-erasures.ts'

type User = Extract<Actor, { kind: 'user' }>
let t: TestApp
let asker: User
let second: User
let colleague: User

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  asker = await t.person('admin', { groups: ['support'] })
  second = await t.person('admin', { groups: ['compliance'] })
  colleague = await t.person('agency', { organisation: 'Studio Kauri' })
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const erase = async (input: Record<string, unknown>) =>
  await t.app.call(askErasure, { reason: 'erasure_request', reference: 'DSR-2026-14', ...input }, as(asker))

/** Agrees as a second person, and lets the queue work until the erasure is done. */
async function agreeTo(id: string) {
  await t.app.call(approveErasure, { id }, as(second))
  await expect
    .poll(
      async () => {
        await query(
          `update graphile_worker._private_jobs set run_at = now() where locked_at is null and attempts < max_attempts`,
        )
        await runJobs(t)
        const { status, failure } = await t.app.call(getErasure, { id }, as(second))
        return failure ?? status
      },
      { timeout: 60_000 },
    )
    .toBe('done')
  return await t.app.call(getErasure, { id }, as(second))
}

/** Somebody proves an address to a link; gives the cookie. */
async function visit(token: string, email: string, actor: Actor = ANONYMOUS): Promise<string> {
  const first = await t.app.call(verifyViewer, { token, cookie: null, email }, as(actor))
  const cookie = first.newCookie ?? ''
  const { text } = (await mailsOf(t)).findLast(({ to, subject }) => to === email && /code/.test(subject))!
  const code = /\b(\d{6})\b/.exec(text)?.[1]
  const { wrong } = await t.app.call(verifyViewer, { token, cookie, code }, as(actor))
  expect(wrong).toBeNull()
  return cookie
}

const ADDRESS = 'marama.henare@studio-kauri.example'
const FORMER = 'm.henare@kauri-films.example'
const NAME = 'Mārama Hēnare'

/** A person who does whatever an account holder can do here, and whom others write about. */
async function livedHere(): Promise<User> {
  const made = await t.app.call(
    createUser,
    {
      email: FORMER,
      name: NAME,
      password: 'correct horse battery',
      role: 'agency',
      organisation: 'Studio Kauri',
    },
    as({ kind: 'system', id: 'test' }),
  )
  const me: User = {
    kind: 'user',
    id: made.id,
    role: 'agency',
    groups: [],
    organisationId: colleague.organisationId,
  }
  await t.app.db.transaction((tx) => keepFormerAddress({ tx, ctx: as(me), keys: t.app.keys }, me.id))
  await query('update users set email = $2 where id = $1', [me.id, ADDRESS])
  await t.app.call(createApiKey, { name: `${NAME} laptop`, scopes: ['video.*'], days: 30 }, as(me))
  await t.app.call(renameAccount, { name: NAME }, as(me))
  await t.app.call(setPreferences, { first_view: 'daily' }, as(me))
  await t.app.call(requestSignInCode, { email: ADDRESS }, as(ANONYMOUS))
  const file = { filename: 'marama-henare.showreel.mov', contentType: 'video/quicktime', size: 1000 }
  await t.app.call(startUpload, file, as(me))
  const videoId = await t.video(me, `Showreel of ${NAME}`)
  const own = await t.app.call(
    createShare,
    { videoId, access: 'email', allow: [ADDRESS, 'hemi@example.org'], note: `Ask ${ADDRESS.toUpperCase()}` },
    as(me),
  )
  if (own.status !== 'active') throw new Error('the share waits')
  await t.app.call(remindViewer, { id: own.id, email: ADDRESS }, as(me))
  await visit(own.token, ADDRESS)
  await writtenAbout(me, own.id)
  return me
}

async function writtenAbout(me: User, shareId: string): Promise<void> {
  const now = t.app.clock()
  const other = await t.app.call(
    createShare,
    { videoId: await t.video(colleague), access: 'email', allow: [FORMER], deny: [ADDRESS] },
    as(colleague),
  )
  if (other.status !== 'active') throw new Error('the share waits')
  await visit(other.token, FORMER)
  await t.app.call(
    requestRevocation,
    { viewer: ADDRESS, reason: 'other', note: `by ${NAME}`, emergency: true },
    as(asker),
  )
  await t.app.call(
    inviteUser,
    { email: FORMER, organisation: 'Studio Kauri' },
    as({ kind: 'command', id: 'test' }),
  )
  await query(
    `insert into sessions (id, user_id, token, expires_at, device_label) values ('ses_m', $1, 'secret-session-token', $2, 'Firefox on Kauri')`,
    [me.id, now],
  )
  await query(
    `insert into passkeys (id, name, user_id, public_key, credential_id, counter, device_type, backed_up) values ('pky_m', 'Mārama’s key', $1, 'public-key-of-marama', 'credential-of-marama', 0, 'single', false)`,
    [me.id],
  )
  await query(
    `insert into totp_factors (user_id, secret_sealed, created_at) values ($1, 'totp-secret-sealed', $2)`,
    [me.id, now],
  )
  await query(`insert into recovery_codes (user_id, code_hash) values ($1, $2)`, [me.id, Buffer.alloc(32, 7)])
  await query(`insert into verifications (id, identifier, value, expires_at) values ('ver_m', $1, 'x', $2)`, [
    ADDRESS,
    now,
  ])
  await query(
    `insert into owner_playbacks (user_id, video_id, playback_claim, token_expires_at) select $1, id, 'claim-of-marama', $2::timestamptz + interval '5 minutes' from videos where owner_id = $1 order by playback_id limit 1`,
    [me.id, now],
  )
  await query(
    `insert into owner_news (user_id, kind, share_id, happened_at) values ($1, 'first_view', $2, $3)`,
    [me.id, shareId, now],
  )
  await query(
    `insert into share_list_views (id, user_id, name, query, created_at, updated_at) values ('slv_m', $1, $2, $3, $4, $4), ('slv_o', $5, 'mine', $3, $4, $4)`,
    [me.id, NAME, JSON.stringify({ text: ADDRESS }), now, colleague.id],
  )
  await query(
    `insert into log_searches (id, user_id, name, query, created_at, updated_at) values ('lsv_m', $1, 'm', '{}', $2, $2)`,
    [me.id, now],
  )
  await query(
    `insert into viewer_progress (viewer_session_id, share_id, duration_ms, parts, first_at, last_at, credit_ms) select id, share_id, 1000, array_fill(1, array[100]), $1, $1, 0 from viewer_sessions where share_id = $2`,
    [now, shareId],
  )
  await query(
    `insert into downloads (id, share_id, viewer_session_id, rendition, watermark, status, object_key, created_at, expires_at) select 'dwn_m', share_id, id, '720p', true, 'ready', 'downloads/dwn_m.mp4', $1, $1::timestamptz + interval '1 day' from viewer_sessions where share_id = $2 limit 1`,
    [now, shareId],
  )
  const copy = join(t.app.settings.DATA_DIR, 'copy-of-marama.mp4')
  await writeFile(copy, `watermark ${ADDRESS}`)
  await t.app.ports.storage.putFile('downloads/dwn_m.mp4', copy)
  await rm(copy, { force: true })
  await t.app.ports.alerts.raise({
    key: 'mail.send:test',
    severity: 'info',
    summary: `A mail to ${ADDRESS} failed`,
    details: { to: ADDRESS },
  })
  await t.app.ports.mail.send({
    to: colleague.id,
    subject: `${NAME} has watched`,
    text: 'x',
    idempotencyKey: 'about-marama',
  })
}

const secretsOf = () => {
  const hashes = [ADDRESS, FORMER].flatMap((address) => [
    [`viewer hash of ${address}`, personHash(t.app.keys, address)],
    [`lookup of ${address}`, keyedHash(t.app.keys.hash, 'audit subject', address)],
  ])
  return {
    ...{ ADDRESS, FORMER, NAME, file: 'marama-henare', session: 'secret-session-token' },
    ...{ passkey: 'credential-of-marama', publicKey: 'public-key-of-marama', totp: 'totp-secret-sealed' },
    ...{ recovery: Buffer.alloc(32, 7), claim: 'claim-of-marama', device: 'Firefox on Kauri' },
    ...(Object.fromEntries(hashes) as Record<string, Buffer>),
  }
}

const exported = async () => {
  let text = ''
  for await (const line of t.app.auditReader.exportLines()) text += line
  return text
}

describe('erasing a person', () => {
  it('[DRR-06] leaves no trace of an account holder in a full dump, and every proof from before valid', async () => {
    const me = await livedHere()
    await runJobs(t)
    const secrets = secretsOf()
    const ended: string[] = []
    t.app.ports.video.revokeSessions = async (_, claims) => void ended.push(...claims)
    const before = await exported()
    const { note } = await t.auditLog.sequencer.checkpoint()
    // The search meets what is there: only what is sealed on its own stands nowhere before.
    expect(
      tracesIn(Buffer.concat([await dumpOf(t), await filesBelow(t.app.settings.DATA_DIR)]), secrets),
    ).toEqual(Object.keys(secrets))

    const asked = await erase({ person: ADDRESS, videos: 'transfer', successor: colleague.id })
    expect(await t.app.call(getErasure, { id: asked.id }, as(second))).toMatchObject({
      person: ADDRESS,
      reach: { videos: 2, visits: 2, bars: 1, denied: 1 },
    })
    const done = await agreeTo(asked.id)

    expect(ended).toContain(secrets.claim)
    expect(tracesIn(await dumpOf(t), secrets)).toEqual([])
    expect(tracesIn(await filesBelow(t.app.settings.DATA_DIR), secrets)).toEqual([])
    expect(tracesIn(Buffer.from(await exported()), secrets)).toEqual([])
    expect(done).toMatchObject({ status: 'done', person: null, reach: null })
    const vkeys = [t.auditLog.vkey]
    expect((await verifyExport([before], { vkeys })).faults).toEqual([])
    expect((await verifyExport([await exported()], { vkeys, oldCheckpoint: note })).faults).toEqual([])
    expect((await verifyDatabase(t.auditLog, note)).faults).toEqual([])

    // What binds others goes on: the colleague owns the videos, and nobody got in by a list that became empty.
    expect(await query('select count(*)::int as n from videos where owner_id = $1', [colleague.id])).toEqual([
      { n: 2 },
    ])
    expect(
      await query(`select count(*)::int as n from shares where allow = '{erased@erased.invalid}'`),
    ).toEqual([{ n: 1 }])
    const { items } = await t.app.call(listUsers, {}, as({ kind: 'command', id: 'test' }))
    expect(items.map(({ id }) => id)).not.toContain(me.id)
    const command = as({ kind: 'command', id: 'test' })
    await expect(t.app.call(reactivateMember, { id: me.id }, command)).rejects.toMatchObject({
      code: 'not_found',
    })
  }, 120_000)

  it('[DRR-06] gives evidence of what was removed where, with receipts, and nothing of the person in it', async () => {
    const [{ id }] = await query(`select id from erasures where status = 'done'`)
    const evidence = await t.app.call(exportErasure, { id }, as(second))
    expect(tracesIn(Buffer.from(JSON.stringify(evidence)), secretsOf())).toEqual([])
    expect(evidence.erasure).toMatchObject({ reference: 'DSR-2026-14', rounds: 2, status: 'done' })
    const removed = new Map(evidence.erasure.removed.map(({ place, did, rows }) => [`${place} ${did}`, rows]))
    expect(removed.get('users replaced')).toBe(1)
    expect(removed.get('subject_keys deleted')).toBe(3)
    expect(removed.get('videos transferred')).toBe(1)
    // Its file had not arrived.
    expect(removed.get('videos deleted')).toBe(1)
    expect(removed.get('viewer_sessions replaced')).toBe(2)
    expect(evidence.events.map(({ event }) => (event as { action: string }).action)).toEqual(
      expect.arrayContaining([
        'privacy.ask-erasure',
        'privacy.approve-erasure',
        'privacy.erase',
        'privacy.finish-erasure',
      ]),
    )
    for (const { receipt } of evidence.events)
      expect(await verifyReceipt(receipt, { vkeys: [t.auditLog.vkey] })).toMatchObject({ ok: true })
  })

  it('erases a guest who is known by an address alone, in each browser in which they proved it', async () => {
    const email = 'aroha@guests.example'
    const videoId = await t.video(colleague)
    const made = await t.app.call(createShare, { videoId, access: 'email', allow: [email] }, as(colleague))
    if (made.status !== 'active') throw new Error('the share waits')
    await visit(made.token, email)
    await visit(made.token, email)
    const secrets = { email, hash: personHash(t.app.keys, email) }
    expect(tracesIn(await dumpOf(t), secrets)).toEqual(['email', 'hash'])
    const { id, kind } = await erase({ person: email })
    expect(kind).toBe('guest')
    const done = await agreeTo(id)
    expect(tracesIn(await dumpOf(t), secrets)).toEqual([])
    expect(done.removed).toContainEqual({ place: 'viewer_sessions', did: 'replaced', rows: 2 })
  }, 120_000)

  it('tells of each that waits what goes with them and nobody else', async () => {
    const [one, two, three] = ['one@guests.example', 'two@guests.example', 'three@guests.example']
    const owner = await t.person('agency')
    const share = async (allow: string[], deny: string[] = []) => {
      const videoId = await t.video(owner)
      const made = await t.app.call(createShare, { videoId, access: 'email', allow, deny }, as(owner))
      if (made.status !== 'active') throw new Error('the share waits')
      return made.token
    }
    const token = await share([one, two])
    await share([one], [two])
    for (const email of [one, one, two]) await visit(token, email)
    const asked = []
    for (const person of [one, two, three]) asked.push(await erase({ person }))
    asked.push(await erase({ person: owner.id, videos: 'delete' }))
    const { items } = await t.app.call(listErasures, { limit: 100 }, as(second))
    expect(asked.map(({ id }) => items.find((item) => item.id === id)?.reach)).toEqual([
      { videos: 0, visits: 2, bars: 0, denied: 0 },
      { videos: 0, visits: 1, bars: 0, denied: 1 },
      { videos: 0, visits: 0, bars: 0, denied: 0 },
      { videos: 2, visits: 0, bars: 0, denied: 0 },
    ])
    for (const { id } of asked) await t.app.call(declineErasure, { id }, as(second))
  })

  it('deletes the videos of whoever leaves nobody behind, and is not done before the video service has confirmed', async () => {
    const owner = await t.person('agency')
    const videoId = await t.video(owner)
    await expect(erase({ person: owner.id })).rejects.toMatchObject({ code: 'invalid' })
    await expect(
      erase({ person: owner.id, videos: 'transfer', successor: colleague.id }),
    ).rejects.toMatchObject({
      code: 'invalid',
    })
    const { id } = await erase({ person: owner.id, videos: 'delete' })
    await agreeTo(id)
    const [video] = await query('select title, status, asset_deleted_at from videos where id = $1', [videoId])
    expect(video).toMatchObject({
      title: 'Erased video',
      status: 'deleted',
      asset_deleted_at: expect.any(Date),
    })
  }, 120_000)

  it('deletes nothing that came since it was asked for: who agrees is told that videos are there by now', async () => {
    const owner = await t.person('agency')
    const { id } = await erase({ person: owner.id })
    await t.video(owner)
    await expect(t.app.call(approveErasure, { id }, as(second))).rejects.toMatchObject({ code: 'conflict' })
    await t.app.call(declineErasure, { id }, as(second))
  })

  it('takes a second person: neither who asked nor whom it is about; a declined one forgets the person', async () => {
    await expect(
      t.app.call(askErasure, { person: asker.id, reason: 'erasure_request', reference: 'X' }, as(asker)),
    ).rejects.toMatchObject({ code: 'conflict' })
    const about = await erase({ person: second.id })
    await expect(t.app.call(approveErasure, { id: about.id }, as(second))).rejects.toMatchObject({
      code: 'conflict',
    })
    const lone = await t.app.call(
      askErasure,
      { person: 'lone@example.org', reason: 'erasure_request', reference: 'X' },
      as(second),
    )
    await expect(t.app.call(approveErasure, { id: lone.id }, as(second))).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(erase({ person: 'LONE@example.org' })).rejects.toMatchObject({ code: 'conflict' })
    const command = as({ kind: 'command', id: 'os:0' })
    await t.app.call(declineErasure, { id: lone.id }, command)
    expect(
      await query('select status, person_sealed, person_hash from erasures where id = $1', [lone.id]),
    ).toEqual([{ status: 'declined', person_sealed: null, person_hash: null }])
    await expect(t.app.call(approveErasure, { id: lone.id }, command)).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})
