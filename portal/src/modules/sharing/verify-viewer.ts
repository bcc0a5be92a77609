import { and, eq, isNull } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Context } from '#portal/platform/context.ts'
import { keyedHash, seal } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { isPassword } from '#portal/platform/password-hash.ts'
import { isBarred } from './bar-viewer.ts'
import { type Device, proofUrl, proveDevice } from './device-proof.ts'
import { ensureViewer } from './ensure-viewer.ts'
import { verifyViewerInput } from './inputs.ts'
import { keepObjection } from './keep-objection.ts'
import {
  emailPlace,
  loadShare,
  type OpenedShare,
  UNKNOWN_SHARE,
  type ViewerRow,
  viewerActor,
} from './load-share.ts'
import { deadReason, decide, mayBeInvited, type Need, remainingNeeds } from './rules.ts'
import { shares, viewerSessions } from './tables.ts'
import { takeProof } from './take-proof.ts'
import { checkCode, sendCode } from './viewer-code.ts'

type Input = {
  token: string
  cookie: string | null
  proof?: string | undefined
  email?: string
  code?: string
  password?: string
  agreement?: string
}

export type VerifyAnswer = {
  needs: Need[]
  sharedBy: string
  /** Everything is proved, and the link opened on another device first: told to nobody before. */
  otherDevice: boolean
  /** Which of the given proofs did not hold. */
  wrong: 'code' | 'password' | null
  /** Set where this browser had no viewer session yet. */
  newCookie: string | null
}

/**
 * Takes one step through the gate. An address that is not on the list gets the same answer as one that is,
 * and no mail: the list can't be read from outside.
 */
export const verifyViewer = verb({
  action: 'share.verify',
  input: verifyViewerInput,
  allow: { anyone: true },
  async run(scope: VerbScope<Input>) {
    const { tx, input, ctx, keys, actor } = scope
    const opened = await loadShare(tx, keys, input.token, input.cookie)
    if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
    const { share, policy, videoState } = opened
    const dead = deadReason(policy, videoState, ctx)
    const target = { type: 'share', id: share.id }
    if (dead) throw new Refusal(dead, target, viewerActor(opened.viewer))

    if (!(await holdShare(tx, share.id))) throw new Refusal('revoked', target, viewerActor(opened.viewer))
    const { viewer, newCookie } = await ensureViewer(tx, ctx, opened, input.cookie)
    const device = share.oneDevice ? await takeDevice(scope, viewer) : null
    const wrong = await takeProofs(scope, opened, viewer)
    if (share.access === 'account' && actor.kind === 'user') await bindAccount(tx, scope, viewer, actor.id)

    const after = await loadShare(tx, keys, input.token, newCookie ?? input.cookie)
    const needs = remainingNeeds(policy, videoState, after?.viewerState ?? null, ctx)
    const codeSent = share.access === 'email' && needs.includes('code') && viewer.emailHash !== null
    return {
      result: {
        needs: codeSent ? needs.filter((need) => need !== 'email') : needs,
        sharedBy: opened.sharedBy,
        otherDevice: device !== null && after !== null && isOtherDevice(after, ctx, device),
        wrong,
        newCookie,
      } satisfies VerifyAnswer,
      change: {
        target,
        actor: viewerActor(viewer),
        outcome: wrong ? ('refused' as const) : ('allowed' as const),
        ...(wrong ? { reason: `wrong_${wrong}` } : {}),
        details: {
          step: stepOf(input),
          ...(input.agreement === share.agreementId ? { agreement: share.agreementId } : {}),
        },
        ...(input.email ? { personal: { subject: input.email, data: { email: input.email } } } : {}),
      },
    }
  },
})

/**
 * Keeps a revoke waiting until this step has committed, so that it ends the session that the step opens; false where
 * the revoke came first. Steps of several viewers do not wait for each other.
 */
async function holdShare(tx: Tx, shareId: string): Promise<boolean> {
  const live = and(eq(shares.id, shareId), isNull(shares.revokedAt))
  const [held] = await tx.select({ id: shares.id }).from(shares).where(live).for('share')
  return held !== undefined
}

/** The device that this step comes from; each proof is good for one step. */
async function takeDevice(
  { tx, input, ctx, settings }: VerbScope<Input>,
  viewer: ViewerRow,
): Promise<Device> {
  const target = { type: 'share', id: viewer.shareId }
  const url = proofUrl(settings.PUBLIC_URL, input.token, '/verify')
  const device = await proveDevice(input.proof, { url, now: ctx.now })
  if (!device) throw new Refusal('device', target, viewerActor(viewer))
  if (!(await takeProof(tx, viewer.id, device)))
    throw new Refusal('proof_replayed', target, viewerActor(viewer))
  return device
}

/** Said only to whoever has proved an address: to anybody else all refusals are one (SPS-07). */
function isOtherDevice({ policy, videoState, viewerState }: OpenedShare, ctx: Context, device: Device) {
  const { now, country } = ctx
  const verdict = decide(policy, videoState, viewerState, { now, country, device: device.thumbprint })
  return !verdict.allowed && verdict.reason === 'device' && Boolean(viewerState?.email)
}

async function takeProofs(
  scope: VerbScope<Input>,
  opened: OpenedShare,
  viewer: ViewerRow,
): Promise<'code' | 'password' | null> {
  const { tx, input, ctx, keys } = scope
  const { share } = opened
  if (share.access === 'email' && input.email && !input.code) {
    viewer.emailHash = keyedHash(keys.hash, 'viewer-email', input.email)
    const sealed = seal(keys.seal, input.email, emailPlace(viewer.id))
    await tx
      .update(viewerSessions)
      .set({ emailHash: viewer.emailHash, emailSealed: sealed, emailVerifiedAt: null })
      .where(eq(viewerSessions.id, viewer.id))
    const order = { viewerId: viewer.id, email: input.email }
    await sendCode(scope, order, mayBeInvited(share, input.email) && !(await isBarred(tx, keys, input.email)))
  }
  if (share.access === 'email' && input.code) {
    const right = await checkCode(tx, keys, viewer, input.code, ctx.now)
    if (!right) return 'code'
    await tx.update(viewerSessions).set({ emailVerifiedAt: ctx.now }).where(eq(viewerSessions.id, viewer.id))
    if (viewer.emailHash) await keepObjection(tx, viewer, viewer.emailHash)
  }
  if (share.passwordHash && input.password !== undefined) {
    if (!(await isPassword(share.passwordHash, input.password))) return 'password'
    await tx.update(viewerSessions).set({ passwordPassedAt: ctx.now }).where(eq(viewerSessions.id, viewer.id))
  }
  // Another version than the share's is no acceptance: the page shows the right one again.
  if (share.agreementId && input.agreement === share.agreementId) {
    await tx
      .update(viewerSessions)
      .set({ agreementId: share.agreementId, agreedAt: ctx.now })
      .where(eq(viewerSessions.id, viewer.id))
  }
  return null
}

function stepOf(input: Input): string {
  const steps = ['code', 'password', 'email', 'agreement'] as const
  return steps.find((step) => input[step] !== undefined) ?? 'open'
}

async function bindAccount(
  tx: Tx,
  { ctx, keys }: VerbScope<Input>,
  viewer: ViewerRow,
  userId: string,
): Promise<void> {
  const [user] = await tx
    .select({ email: personFacts.email })
    .from(personFacts)
    .where(eq(personFacts.id, userId))
  if (!user) return
  const emailHash = keyedHash(keys.hash, 'viewer-email', user.email)
  await tx
    .update(viewerSessions)
    .set({
      userId,
      emailHash,
      emailSealed: seal(keys.seal, user.email, emailPlace(viewer.id)),
      emailVerifiedAt: ctx.now,
    })
    .where(eq(viewerSessions.id, viewer.id))
  await keepObjection(tx, viewer, emailHash)
}
